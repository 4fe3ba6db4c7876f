import { ParleyError, systemClock } from '@parley/kernel';
import { manyCallers } from './many-callers.js';
import { loadRecording } from './recording.js';
import { findServer } from './server-address.js';
import { callAndAsk, type Question } from './single-call.js';
import { HELP, readOptions, UsageError, type TalkOptions } from './talk-options.js';
import { TranscriptPrinter } from './transcript-printer.js';
import { typedTalk } from './typed-talk.js';

const clock = systemClock;
const write = (text: string): void => void process.stdout.write(text);

/** Resolves with the exit status. */
async function talk(options: TalkOptions): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  // Whoever read the output has gone, as `head` does.
  process.stdout.on('error', () => stop.abort());
  const { mode } = options;
  const question = mode.name === 'wav' ? await spokenQuestion(mode.file) : undefined;
  const server = await findServer(options);
  const common = { server, options, clock, stop: stop.signal };
  if (mode.name === 'wav' && question && mode.callers > 1) {
    const { failed } = await manyCallers(common, question, mode.callers, write);
    for (const line of failed) process.stderr.write(`${line}\n`);
    return failed.length === 0 ? 0 : 1;
  }
  const growing = process.stdout.isTTY === true && mode.name !== 'type';
  const printer = new TranscriptPrinter(clock, { write, json: options.json, growing, label: '' });
  const setting = { ...common, printer };
  if (mode.name === 'type') await typedTalk(setting);
  else
    await callAndAsk(setting, question ?? typedQuestion(mode.name === 'text' ? mode.text : ''), options.out);
  return 0;
}

async function spokenQuestion(file: string): Promise<Question> {
  const recording = await loadRecording(file);
  return { durationMs: recording.durationMs, ask: (call, signal) => call.speak(recording, signal) };
}

function typedQuestion(text: string): Question {
  return {
    durationMs: 0,
    ask: (call) => {
      call.say(text);
      return Promise.resolve();
    },
  };
}

function explain(thrown: unknown): string {
  if (!(thrown instanceof ParleyError)) return thrown instanceof Error ? thrown.message : String(thrown);
  const advice =
    thrown.code === 'control_plane_unavailable' ? ' Is the service running? Start it with "npm start".' : '';
  return `${thrown.message}${advice} (${thrown.code})`;
}

// Between two lines of a call there is no socket that would keep the process alive, and the clock's timers do not.
const alive = setInterval(() => undefined, 60_000);
try {
  const options = readOptions(process.argv.slice(2));
  if (options) process.exitCode = await talk(options);
  else write(`${HELP}\n`);
} catch (thrown) {
  process.exitCode = thrown instanceof UsageError ? 2 : 1;
  process.stderr.write(`talk: ${explain(thrown)}\n`);
} finally {
  clearInterval(alive);
}
