import type { BrainContext } from './brain.js';
import type { Instruction } from './instruction.js';
import { pick, sentencesIn } from './words.js';

const DISCLOSURES = [
  'By the way, I am an emulator: I follow rules, and there is no real model behind me.',
  'I should tell you that you are talking to an emulator that works by rules, not to a real model.',
] as const;

/** Gives an answer the form that the instruction asks for, and adds once that this is an emulator. */
export function shapeReply(say: string, instruction: Instruction, context: BrainContext): string {
  const spoken = context.history.flatMap((entry) => (entry.role === 'model' ? [entry.text] : []));
  const allowed = instruction.forbidden.length === 0 ? say : withoutForbidden(say, instruction.forbidden);
  const limited =
    instruction.maxSentences === undefined
      ? allowed
      : sentencesIn(allowed).slice(0, instruction.maxSentences).join(' ');
  const told = [say, ...spoken].some((text) => /\bemulator\b/i.test(text));
  const disclosure = context.discloses && !told ? pick(DISCLOSURES, context.random) : undefined;
  const greeting = spoken.length === 0 ? instruction.greeting : undefined;
  return [instruction.opening, greeting, limited, disclosure, instruction.closing]
    .filter((part) => part !== undefined)
    .map(asSentence)
    .join(' ');
}

function withoutForbidden(say: string, forbidden: readonly string[]): string {
  const clean = sentencesIn(say).filter(
    (sentence) => !forbidden.some((word) => sentence.toLowerCase().includes(word.toLowerCase())),
  );
  return clean.length > 0 ? clean.join(' ') : 'I would rather not talk about that.';
}

function asSentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…"”]$/.test(begun) ? begun : `${begun}.`;
}
