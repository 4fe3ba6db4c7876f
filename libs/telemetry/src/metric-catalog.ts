/** One metric: what it is called is its key in `METRICS`. Base units: seconds and bytes. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const FIRST_AUDIO_BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 8, 13];
const CONNECT_BUCKETS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5, 10];
const STOP_BUCKETS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2];
const PLACEMENT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5];
const GAP_BUCKETS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 4, 6.5, 10, 15, 20, 30, 60];
const DURATION_BUCKETS = [5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];

/** Every metric of every process. Labels are closed sets; no user content, no tenant (I12). */
export const METRICS = {
  live_first_audio_seconds: {
    type: 'histogram',
    help: 'From the end of the input that a turn answers to its first audio byte on the client socket, on one gateway clock.',
    labels: ['provider', 'trigger'],
    buckets: FIRST_AUDIO_BUCKETS,
  },
  live_interruptions_total: {
    type: 'counter',
    help: 'Turns of the model that were interrupted.',
    labels: ['source'],
  },
  live_interruption_stop_seconds: {
    type: 'histogram',
    help: "From the user's speech (or interrupt message) to the last audio frame of the interrupted turn.",
    labels: ['source'],
    buckets: STOP_BUCKETS,
  },
  live_interruption_stale_frames_total: {
    type: 'counter',
    help: 'Audio frames of an interrupted turn that were stopped at the gateway after the interruption.',
    labels: [],
  },
  live_sessions_active: { type: 'gauge', help: 'Live sessions on this process.', labels: [] },
  live_session_starts_total: {
    type: 'counter',
    help: 'Live sessions asked for, by outcome.',
    labels: ['result'],
  },
  live_session_ends_total: { type: 'counter', help: 'Live sessions ended, by reason.', labels: ['reason'] },
  live_session_duration_seconds: {
    type: 'histogram',
    help: 'Length of live sessions.',
    labels: [],
    buckets: DURATION_BUCKETS,
  },
  live_model_connect_seconds: {
    type: 'histogram',
    help: "From the first try to the model's acceptance of the set-up, for each agent that comes on the line.",
    labels: ['provider'],
    buckets: CONNECT_BUCKETS,
  },
  live_model_replacements_total: {
    type: 'counter',
    help: 'Sockets to the model replaced under a conversation that went on, by reason.',
    labels: ['reason'],
  },
  live_model_gap_seconds: {
    type: 'histogram',
    help: 'How long a conversation was without a socket to the model while one was replaced.',
    labels: ['reason'],
    buckets: CONNECT_BUCKETS,
  },
  live_model_restarts_total: {
    type: 'counter',
    help: 'Model sessions begun anew and told the history, by reason.',
    labels: ['reason'],
  },
  live_model_connect_failures_total: {
    type: 'counter',
    help: 'Attempts to connect to the model that failed: first ones, and those to replace a socket.',
    labels: [],
  },
  live_model_abandoned_total: {
    type: 'counter',
    help: 'Conversations given up because no socket to the model could be had any more.',
    labels: [],
  },
  live_model_stall_nudges_total: {
    type: 'counter',
    help: 'Times the model was reminded because it was silent when it should have spoken.',
    labels: [],
  },
  live_model_cut_turns_total: {
    type: 'counter',
    help: 'Turns of the model that broke off with their socket and were asked for again.',
    labels: [],
  },
  live_model_replayed_audio_seconds_total: {
    type: 'counter',
    help: "The user's speech that was said to the model again, or late, because its socket was replaced.",
    labels: [],
  },
  live_model_dropped_audio_seconds_total: {
    type: 'counter',
    help: "The user's speech that the model never got: its socket took no more (congested), or too much had to be said again (replay).",
    labels: ['reason'],
  },
  live_model_dropped_input_total: {
    type: 'counter',
    help: 'Other input that the model never got: image (its socket took no more), control (too much had to be said again), tool_response (to a call that its new session never made), unsayable (nothing that the model takes).',
    labels: ['kind'],
  },
  live_model_messages_total: {
    type: 'counter',
    help: 'Messages from the model: audio taken straight from the frame, or parsed as JSON.',
    labels: ['path'],
  },
  live_model_protocol_errors_total: {
    type: 'counter',
    help: 'Frames from the model that were not what the protocol allows; each was skipped.',
    labels: [],
  },
  live_model_listener_errors_total: {
    type: 'counter',
    help: 'Faults of this service while it took in a message from the model.',
    labels: [],
  },
  live_agent_handover_seconds: {
    type: 'histogram',
    help: 'From the decision to hand over to the moment when the next agent is on the line.',
    labels: [],
    buckets: CONNECT_BUCKETS,
  },
  live_model_tokens_total: {
    type: 'counter',
    help: 'Tokens as the provider counts them; each turn bills its whole context again.',
    labels: ['direction'],
  },
  live_placement_seconds: {
    type: 'histogram',
    help: 'Time to find a worker and have it take the session.',
    labels: ['outcome'],
    buckets: PLACEMENT_BUCKETS,
  },
  live_worker_slots_capacity: { type: 'gauge', help: 'Sessions that this worker takes.', labels: [] },
  live_worker_slots_used: { type: 'gauge', help: 'Sessions that this worker holds.', labels: [] },
  live_worker_load_ratio: { type: 'gauge', help: 'Load of this worker, 0 to 1.', labels: [] },
  live_gateway_connections: {
    type: 'gauge',
    help: 'Client connections on this gateway.',
    labels: ['transport'],
  },
  live_ws_bytes_total: { type: 'counter', help: 'Bytes of messages to and from clients.', labels: ['dir'] },
  live_ws_closes_total: { type: 'counter', help: 'Client connections closed, by code.', labels: ['code'] },
  live_auth_failures_total: { type: 'counter', help: 'Refused keys and tokens.', labels: ['reason'] },
  live_protocol_errors_total: { type: 'counter', help: 'Messages answered with an error.', labels: ['code'] },
  live_dropped_frames_total: {
    type: 'counter',
    help: 'Media frames dropped because a buffer was full or the frame too old.',
    labels: ['dir', 'reason'],
  },
  live_failovers_total: {
    type: 'counter',
    help: 'Calls that this gateway carried on elsewhere, by cause (worker, drain) and outcome.',
    labels: ['cause', 'outcome'],
  },
  live_failover_gap_seconds: {
    type: 'histogram',
    help: 'From the loss of the worker to the moment when the call goes on.',
    labels: ['cause'],
    buckets: GAP_BUCKETS,
  },
  live_resumes_total: {
    type: 'counter',
    help: 'Clients that came back to their call, by outcome: recovered, gap, or the code of the refusal.',
    labels: ['outcome'],
  },
  live_replayed_input_seconds_total: {
    type: 'counter',
    help: "The user's speech that was sent again to the next owner of a call.",
    labels: [],
  },
  live_detached_sessions: {
    type: 'gauge',
    help: 'Sessions on this worker whose client is away.',
    labels: [],
  },
  live_replayed_messages_total: {
    type: 'counter',
    help: 'Messages sent again to clients that came back, or to gateways that took a call over.',
    labels: [],
  },
  live_moves_total: {
    type: 'counter',
    help: 'Sessions that left this worker for another, by outcome.',
    labels: ['outcome'],
  },
  live_drain_seconds: {
    type: 'histogram',
    help: 'From the order to go to the last session that left.',
    labels: [],
    buckets: GAP_BUCKETS,
  },
  live_barrier_holds_total: {
    type: 'counter',
    help: 'Times this worker held everything back because it had stood still for longer than half its lease.',
    labels: [],
  },
  live_tool_jobs_total: { type: 'counter', help: 'Tool jobs finished by this runner.', labels: ['outcome'] },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export type MetricName = keyof typeof METRICS;
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof METRICS)[Name]['labels'][number], string>
>;
type NamesOfType<Type extends MetricDefinition['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];
export type CounterName = NamesOfType<'counter'>;
export type GaugeName = NamesOfType<'gauge'>;
export type HistogramName = NamesOfType<'histogram'>;
