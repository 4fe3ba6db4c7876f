import type { BrainContext } from './brain.js';
import type { Instruction } from './instruction.js';
import { pick, sentencesIn } from './words.js';

const DISCLOSURES = [
  'By the way, I am an emulator: I follow rules, and there is no real model behind me.',
  'I should tell you that you are talking to an emulator that works by rules, not to a real model.',
] as const;

/** An answer of more sentences was asked to be long, such as a story. */
const LONG_SENTENCES = 5;

/** Gives an answer the form that the instruction asks for, and adds once that this is an emulator. */
export function shapeReply(say: string, instruction: Instruction, context: BrainContext): string {
  const spoken = context.history.flatMap((entry) => (entry.role === 'model' ? [entry.text] : []));
  const allowed = instruction.forbidden.length === 0 ? say : withoutForbidden(say, instruction.forbidden);
  const limited = limitLength(allowed, instruction);
  const told = [say, ...spoken].some((text) => /\bemulator\b/i.test(text));
  const disclosure = context.discloses && !told ? pick(DISCLOSURES, context.random) : undefined;
  const greeting = spoken.length === 0 ? instruction.greeting : undefined;
  return [instruction.opening, greeting, limited, disclosure, instruction.closing]
    .filter((part) => part !== undefined)
    .map(asSentence)
    .join(' ');
}

function limitLength(say: string, { oneSentence, brief }: Instruction): string {
  const sentences = sentencesIn(say);
  if (oneSentence) return sentences.slice(0, 1).join(' ');
  return brief && sentences.length <= LONG_SENTENCES ? sentences.slice(0, 2).join(' ') : say;
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
