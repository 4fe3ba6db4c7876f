import type { HistoryEntry } from '../session/conversation-history.js';
import { contentWords, coverage } from './words.js';

/** Something the user told about themselves or asked to be remembered. */
export interface Fact {
  /** What it is about: "name", "favourite colour", "live", "secret word"; "note" for a whole sentence. */
  readonly key: string;
  readonly value: string;
  /** Whether it is the user's own ("my …") rather than a thing's ("the …"). */
  readonly own: boolean;
}

const QUESTION =
  /^(?:and |so |but )?(?:what|who|whose|where|when|why|how|which|do|does|did|is|are|am|can|could|would|will|tell|say)\b/i;

const MAX_CHARS = 4_000;

/** The facts in one utterance; of a very long one, in its beginning. */
export function factsIn(text: string): Fact[] {
  return clausesOf(text.slice(0, MAX_CHARS)).flatMap(factsOfClause);
}

/** All that the user told so far; what was told last comes first. */
export function factsTold(history: readonly HistoryEntry[]): Fact[] {
  return history.flatMap((entry) => (entry.role === 'user' ? factsIn(entry.text) : [])).reverse();
}

/** The newest fact whose key is meant by `asked`, such as "favorite color" or "secret words". */
export function findFact(facts: readonly Fact[], asked: string): Fact | undefined {
  const wanted = contentWords(asked);
  const matches = facts
    .filter((fact) => fact.key !== 'note')
    .map((fact) => {
      const key = contentWords(fact.key);
      return { fact, score: Math.min(coverage(wanted, key), coverage(key, wanted)) };
    })
    .filter(({ score }) => score > 0.5);
  return matches.reduce<(typeof matches)[number] | undefined>(
    (best, each) => (best && best.score >= each.score ? best : each),
    undefined,
  )?.fact;
}

/** "I like my dog" → "you like your dog". */
export function toSecondPerson(text: string): string {
  const turned: Readonly<Record<string, string>> = {
    i: 'you',
    me: 'you',
    my: 'your',
    mine: 'yours',
    myself: 'yourself',
    am: 'are',
    "i'm": "you're",
    "i've": "you've",
    "i'd": "you'd",
    "i'll": "you'll",
    your: 'my',
    you: 'me',
  };
  return text.replace(/[A-Za-z]+(?:'[a-z]+)?/g, (word) => turned[word.toLowerCase()] ?? word);
}

function clausesOf(text: string): string[] {
  return text
    .replace(/’/g, "'")
    .split(/(?<=[.!?;])\s+|,?\s+(?:and|but)\s+(?=(?:my|i|i'm|the)\s)/i)
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '' && !clause.endsWith('?') && !QUESTION.test(clause))
    .map((clause) => clause.replace(/[.!;,]+$/, ''));
}

function factsOfClause(clause: string): Fact[] {
  const note =
    /\b(?:remember|note|don't forget|do not forget|keep in mind)(?: please)?(?: that|:)?\s+(?!to\b|me\b|when\b|what\b)(.+)$/i.exec(
      clause,
    );
  if (note) {
    const told = tidy(note[1]);
    return [...factsOfClause(told), { key: 'note', value: told, own: true }];
  }
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(clause);
    const fact = match && read(tidy(match[1]), tidy(match[2]));
    if (fact && fact.value !== '') return [{ own: true, ...fact }];
  }
  return [];
}

type ReadFact = (first: string, second: string) => { key: string; value: string; own?: boolean } | undefined;

/** Tried in order; the first that reads a fact wins. */
const PATTERNS: readonly (readonly [RegExp, ReadFact])[] = [
  [/\b(?:my name is|my name's|i am called|i'm called|people call me|call me)\s+(.+)$/i, name],
  [/\bmy (.+?) (?:is|are|was) (?:called |named )?(.+)$/i, (key, value) => ({ key, value })],
  [/\bi (?:now |currently )?live in (.+)$/i, (value) => ({ key: 'live', value })],
  [/\bi(?:'m| am| come) from (.+)$/i, (value) => ({ key: 'from', value })],
  [/\bi work ((?:as|at|for|in) .+)$/i, (value) => ({ key: 'work', value })],
  [/\bi(?:'m| am) ([\w-]+(?: [\w-]+)?) years old\b/i, (value) => ({ key: 'age', value })],
  [/\bi have (?:an? )?(.+?) (?:called|named) (.+)$/i, (key, value) => ({ key, value })],
  [/\bi (?:really |also )?((?:like|love|enjoy|prefer|hate) .+)$/i, (value) => ({ key: 'likes', value })],
  [/^(?:(?:[Hh]i|[Hh]ello|[Hh]ey)(?: there)?[, ]+)?(?:[Ii] am|[Ii]'m|[Tt]his is) ([A-Z][a-z]+)$/, name],
  [/^(?:the|our) (.+?) (?:is|are) (.+)$/i, (key, value) => ({ key, value, own: false })],
];

function name(value: string): { key: string; value: string } {
  const words = value.split(/,|\s+(?:and|but|from)\s+/i)[0] ?? '';
  return { key: 'name', value: words.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()) };
}

function tidy(text: string | undefined): string {
  return (text ?? '').replace(/[,.!]?\s*(?:by the way|please|okay|you know)?[.!,\s]*$/i, '').trim();
}
