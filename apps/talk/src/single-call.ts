import { ParleyError, type Clock } from '@parley/kernel';
import { AgentCall } from './agent-call.js';
import { describeReply, writeReply, type WrittenReply } from './reply-file.js';
import type { ServerAddress } from './server-address.js';
import type { TalkOptions } from './talk-options.js';
import type { TranscriptPrinter } from './transcript-printer.js';

/** An answer that takes longer than this does not come. */
const ANSWER_WITHIN_MS = 90_000;

export interface CallSetting {
  readonly server: ServerAddress;
  readonly options: TalkOptions;
  readonly printer: TranscriptPrinter;
  readonly clock: Clock;
  /** Ctrl-C. */
  readonly stop: AbortSignal;
}

export interface Question {
  readonly ask: (call: AgentCall, signal: AbortSignal) => Promise<void>;
  /** How long asking takes. */
  readonly durationMs: number;
}

export interface CallResult {
  readonly firstAudioMs: readonly number[];
  readonly reply: WrittenReply | undefined;
}

/**
 * Calls, asks one question, waits until the answer has been heard, and hangs up. Rejects with `ParleyError` when
 * the call fails or no answer comes; running into `--seconds` is no failure.
 */
export async function callAndAsk(
  setting: CallSetting,
  question: Question,
  out?: string,
): Promise<CallResult> {
  const { server, options, printer, clock } = setting;
  const call = await AgentCall.open(server, options, printer, clock);
  const limitMs = options.capMs ?? question.durationMs + ANSWER_WITHIN_MS;
  const limit = new AbortController();
  const cancelLimit = clock.after(limitMs, () => limit.abort());
  const signal = AbortSignal.any([limit.signal, setting.stop]);
  void call.closed.then(() => limit.abort());
  await question.ask(call, signal);
  const answered = await call.untilAnswered(signal);
  cancelLimit();
  const brokenOff = !answered && !setting.stop.aborted;
  const end = await call.end();
  const reply = out === undefined ? undefined : await writeReply(out, call.tape);
  if (reply) printer.line(describeReply(reply), { type: 'reply', ...reply });
  if (brokenOff && end.error) {
    throw new ParleyError(end.error.code, `The call ended: ${end.reason}`, { kind: 'unavailable' });
  }
  if (brokenOff && end.ended !== 'agent' && options.capMs === undefined) {
    throw new ParleyError(
      'provider_unavailable',
      `The agent did not answer (${end.reason || 'no reason given'}).`,
      {
        kind: 'deadline_exceeded',
      },
    );
  }
  return { firstAudioMs: call.firstAudioMs, reply };
}
