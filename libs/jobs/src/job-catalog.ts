import { z } from 'zod';
import type { ToolJob, ToolJobOutcome } from '@parley/live';

/** One hash tag for all queues, so that they share a slot in Redis Cluster. */
export const QUEUE_PREFIX = '{bull:tools}';

/** In bytes of JSON. What is larger has no place in a conversation with a model, nor in Redis. */
export const MAX_PAYLOAD_BYTES = 65_536;

export interface JobDefinition {
  /** One name per kind of job, and a queue of its own, so that one kind never waits behind another. */
  readonly name: string;
  readonly queue: string;
  /** What the job carries; checked where it is taken up. */
  readonly payload: z.ZodType;
  readonly outcome: z.ZodType;
  /** How long a runner may be silent before its job counts as stalled; renewed at half of that. */
  readonly lockMs: number;
  /** How often runners look for stalled jobs. */
  readonly stalledCheckMs: number;
  /** How often a job may be taken up again after its runner was lost; then it fails. */
  readonly maxStalled: number;
  /** Finished jobs are kept to answer a second submission of the same id: for at most this long, at most this many. */
  readonly keptForMs: number;
  readonly keptJobs: number;
  /** Length of the stream by which submitters learn of outcomes. */
  readonly keptEvents: number;
}

const toolJob: z.ZodType<ToolJob> = z.object({
  jobId: z.string().min(1).max(256),
  tenantId: z.string(),
  userId: z.string(),
  sessionId: z.string(),
  liveId: z.string(),
  callId: z.string(),
  agentName: z.string(),
  toolName: z.string(),
  args: z.record(z.string(), z.unknown()),
  timeoutMs: z.number().positive(),
});

const toolJobOutcome: z.ZodType<ToolJobOutcome> = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: z.string() }),
]);

/** Every kind of job there is. */
export const JOBS = {
  /** A tool call that is answered within the conversation. A tool that takes part for longer has a queue of its own. */
  tool: {
    name: 'tool',
    queue: 'tools-short',
    payload: toolJob,
    outcome: toolJobOutcome,
    lockMs: 15_000,
    stalledCheckMs: 5_000,
    maxStalled: 2,
    keptForMs: 900_000,
    keptJobs: 2_000,
    keptEvents: 1_000,
  },
} as const satisfies Record<string, JobDefinition>;
