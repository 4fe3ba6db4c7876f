/** One metric: what it is called is its key in `METRICS`. Base units: seconds and bytes. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

const FIRST_AUDIO_BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 8, 13];
const STOP_BUCKETS = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2];
const PLACEMENT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5];
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
