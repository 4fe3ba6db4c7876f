import { createInterface } from 'node:readline';
import { AgentCall } from './agent-call.js';
import { describeReply, writeReply } from './reply-file.js';
import type { CallSetting } from './single-call.js';

const COMMANDS = 'Type and press Enter. /stop silences the agent, /quit hangs up.';

/**
 * Typing with the agent, line by line, until `/quit`, the end of the input, Ctrl-C, or the end of the call. From a
 * pipe each line waits for the answer to the one before.
 */
export async function typedTalk(setting: CallSetting): Promise<void> {
  const { server, options, printer, clock, stop } = setting;
  const call = await AgentCall.open(server, options, printer, clock);
  const over = new AbortController();
  const cancelCap = options.capMs === undefined ? undefined : clock.after(options.capMs, () => over.abort());
  void call.closed.then(() => over.abort());
  const signal = AbortSignal.any([over.signal, stop]);
  const interactive = process.stdin.isTTY === true;
  if (interactive && !options.json) process.stdout.write(`${COMMANDS}\n`);
  const lines = createInterface({ input: process.stdin, terminal: false });
  signal.addEventListener('abort', () => lines.close(), { once: true });
  for await (const line of lines) {
    const text = line.trim();
    if (text === '/quit') break;
    if (text === '/help') process.stdout.write(`${COMMANDS}\n`);
    else if (text === '/stop') call.interrupt();
    else if (text !== '') call.say(text);
    if (!interactive) await call.untilAnswered(signal);
  }
  lines.close();
  cancelCap?.();
  const end = await call.end();
  if (options.out !== undefined) {
    const reply = await writeReply(options.out, call.tape);
    printer.line(describeReply(reply), { type: 'reply', ...reply });
  }
  if (end.error)
    printer.line(`the call ended: ${end.reason}`, { type: 'closed', code: end.code, reason: end.reason });
}
