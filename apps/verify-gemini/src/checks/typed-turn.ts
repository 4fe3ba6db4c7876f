import type { WireSession } from '../wire/wire-session.js';
import { orderOf, type HeardMessage, type HeardUsage } from '../wire/heard-message.js';
import { CheckFailure } from '../check-failure.js';

/** Captions are a stream of their own, which may be later than the turn's end. */
const CAPTIONS_TRAIL_MS = 500;
const TURN_MS = 30_000;
const USAGE_MS = 5_000;
const USAGE_TRAILS_MS = 500;

/** A turn of the model, from what asked for it on. */
export interface HeardTurn {
  readonly askedAtMs: number;
  /** Up to and with the message that completed it. */
  readonly messages: readonly HeardMessage[];
  readonly firstAudioMs: number | undefined;
  readonly audioMs: number;
  readonly words: string;
  readonly order: string;
}

/** Asks in writing and hears the answer to its end. */
export async function ask(session: WireSession, text: string): Promise<HeardTurn> {
  const from = session.heard.length;
  const askedAtMs = session.nowMs;
  session.send({ realtimeInput: { text } });
  return hearTurn(session, { from, askedAtMs });
}

/** The next turn that has sound (or text), from message `from` on, and the captions that trail it. */
export async function hearTurn(
  session: WireSession,
  { askedAtMs, from = 0 }: { readonly askedAtMs: number; readonly from?: number },
): Promise<HeardTurn> {
  await session.waitFor('an answer', says, { from });
  const first = session.heard.findIndex((message, index) => index >= from && says(message));
  const end = await session.waitForKind('turnComplete', { withinMs: TURN_MS, from: first });
  await session.listen(CAPTIONS_TRAIL_MS);
  const behind = session.heard.indexOf(end) + 1;
  const next = session.heard.findIndex((message, index) => index >= behind && says(message));
  const messages = session.heard.slice(from, behind);
  const trailing = session.heard.slice(behind, next < 0 ? undefined : next);
  const firstAudio = messages.find(({ audioMs }) => audioMs > 0);
  return {
    askedAtMs,
    messages,
    firstAudioMs: firstAudio && Math.round(firstAudio.atMs - askedAtMs),
    audioMs: Math.round(messages.reduce((sum, { audioMs }) => sum + audioMs, 0)),
    words: wordsIn([...messages, ...trailing]),
    order: orderOf(messages),
  };
}

/** What the model said, as its captions or its text have it. */
export function wordsIn(messages: readonly HeardMessage[]): string {
  return messages.map(({ modelCaption, text }) => modelCaption?.text || text).join('');
}

/** Usage of a turn comes with its end or right after it; some services also report it on the way. */
export async function usageAfter(session: WireSession, turn: HeardTurn): Promise<HeardUsage> {
  const [first] = turn.messages;
  const from = first ? session.heard.indexOf(first) : 0;
  await session.waitForKind('usage', { from, withinMs: USAGE_MS });
  await session.listen(USAGE_TRAILS_MS);
  const usage = session.heard.slice(from).findLast((message) => message.usage)?.usage;
  if (!usage) throw new CheckFailure(`no usage: ${session.order(from)}`);
  return usage;
}

/** When the first message of a kind came, after `fromMs`; undefined when none did. */
export function afterMs(messages: readonly HeardMessage[], kind: string, fromMs: number): number | undefined {
  const found = messages.find(({ kinds }) => kinds.includes(kind));
  return found && Math.round(found.atMs - fromMs);
}

/** Throws `CheckFailure` when the model did not say it. The report never quotes what it said instead. */
export function requireWords(words: string, wanted: RegExp, what: string): void {
  if (!wanted.test(words)) throw new CheckFailure(`the answer does not have ${what} in it`);
}

function says({ audioMs, text }: HeardMessage): boolean {
  return audioMs > 0 || text !== '';
}
