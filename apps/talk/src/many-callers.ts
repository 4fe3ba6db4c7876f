import { numberedFile } from './reply-file.js';
import { callAndAsk, type CallResult, type CallSetting, type Question } from './single-call.js';
import { TranscriptPrinter } from './transcript-printer.js';

export interface CallersReport {
  readonly answered: number;
  readonly failed: readonly string[];
}

/** The same question by several callers at once, each in a session of its own. Prints a summary. */
export async function manyCallers(
  setting: Omit<CallSetting, 'printer'>,
  question: Question,
  callers: number,
  write: (text: string) => void,
): Promise<CallersReport> {
  const { options, clock } = setting;
  const summary = new TranscriptPrinter(clock, { write, json: options.json, growing: false, label: '' });
  const results = await Promise.allSettled(
    Array.from({ length: callers }, (_, index) => {
      const number = index + 1;
      const label = `#${String(number).padEnd(String(callers).length)} `;
      const printer = new TranscriptPrinter(clock, { write, json: options.json, growing: false, label });
      const out = options.out === undefined ? undefined : numberedFile(options.out, number);
      return callAndAsk({ ...setting, printer }, question, out);
    }),
  );
  const answered = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failed = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`#${index + 1}: ${messageOf(result.reason)}`] : [],
  );
  const waits = firstWaits(answered);
  const times =
    waits.length === 0
      ? ''
      : `, first audio after ${seconds(middle(waits))} s (middle), ${seconds(waits.at(-1) ?? 0)} s (longest)`;
  summary.line(`${answered.length} of ${callers} callers were answered${times}`, {
    type: 'summary',
    callers,
    answered: answered.length,
    firstAudioMs: waits,
  });
  return { answered: answered.length, failed };
}

/** How long each caller waited for the first answer, ascending. */
function firstWaits(results: readonly CallResult[]): number[] {
  return results.flatMap(({ firstAudioMs }) => firstAudioMs.slice(0, 1)).sort((a, b) => a - b);
}

function middle(ascending: readonly number[]): number {
  return ascending[Math.floor(ascending.length / 2)] ?? 0;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
