import type { Content } from '@parley/event';
import type { SessionStart } from './recovery-ladder.js';

const SUMMARY_OPENING = 'Summary of the conversation so far:';
const MAX_SUMMARY_CHARS = 2_000;

/**
 * What a session that begins without a handle is told of the conversation. `unanswered` are words of the user that
 * will be said again after it, newest last: they are left out here, so that the model hears them once.
 */
export function seedOf(
  way: SessionStart,
  history: () => readonly Content[],
  unanswered: readonly string[],
): readonly Content[] {
  if (way === 'handle' || way === 'nothing') return [];
  const told = without(history(), unanswered);
  if (way === 'history' || told.length === 0) return told;
  return summaryOf(told);
}

/** One content of the user with the newest words of `history`, in at most 2,000 characters. */
function summaryOf(history: readonly Content[]): readonly Content[] {
  const lines = history.flatMap(({ role, parts }) => {
    const words = parts.flatMap((part) => (part.text && !part.thought ? [part.text] : [])).join(' ');
    return words ? [`${role === 'model' ? 'Model' : 'User'}: ${words}`] : [];
  });
  if (lines.length === 0) return [];
  const room = MAX_SUMMARY_CHARS - SUMMARY_OPENING.length - 1;
  const words = lines.join('\n');
  const newest = words.length <= room ? words : `…${words.slice(words.length - room + 1)}`;
  return [{ role: 'user', parts: [{ text: `${SUMMARY_OPENING}\n${newest}` }] }];
}

/** Takes `words`, last first, from the end of what the user said last. */
function without(history: readonly Content[], words: readonly string[]): readonly Content[] {
  let told = history;
  for (const text of words.toReversed()) told = withoutEnd(told, text.trim());
  return told;
}

function withoutEnd(history: readonly Content[], words: string): readonly Content[] {
  const last = history.at(-1);
  const part = last?.parts.at(-1);
  const said = part?.text?.trimEnd();
  if (!last || last.role === 'model' || !words || !said?.endsWith(words)) return history;
  const left = said.slice(0, said.length - words.length).trimEnd();
  const parts = [...last.parts.slice(0, -1), ...(left ? [{ ...part, text: left }] : [])];
  const before = history.slice(0, -1);
  return parts.length > 0 ? [...before, { ...last, parts }] : before;
}
