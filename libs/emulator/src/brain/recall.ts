import type { HistoryEntry } from '../session/conversation-history.js';
import { factsIn, findFact, toSecondPerson, type Fact } from './fact-book.js';
import { contentWords, coverage } from './words.js';

/** What is said when a question asks back something the user told; `known` is false when it was never told. */
export interface Recollection {
  readonly say: string;
  readonly known: boolean;
}

const MAX_RECOLLECTIONS = 6;

/** Undefined when `said` asks for nothing that was told. */
export function recall(
  said: string,
  facts: readonly Fact[],
  history: readonly HistoryEntry[],
): Recollection | undefined {
  const question = said.replace(/’/g, "'").trim();
  if (factsIn(question).length > 0 && !question.includes('?')) return undefined;
  return (
    recallUtterance(question, history) ??
    recallPersonal(question, facts) ??
    recallEverything(question, facts) ??
    recallThing(question, facts)
  );
}

/** Questions about the user that don't name their key as the user told it. */
const PERSONAL: readonly (readonly [RegExp, string, (value: string) => string])[] = [
  [/\bwho am i\b|\bwhat am i called\b/i, 'name', (value) => `You are ${value}.`],
  [/\bwhere (?:do )?i live\b|\bmy (?:home ?town|address)\b/i, 'live', (value) => `You live in ${value}.`],
  [/\bwhere (?:am i|i am|i'm|do i come) from\b/i, 'from', (value) => `You are from ${value}.`],
  [/\bhow old (?:am i|i am)\b|\bmy age\b/i, 'age', (value) => `You are ${value} years old.`],
  [/\bwhere do i work\b|\bmy (?:job|profession)\b/i, 'work', (value) => `You work ${value}.`],
  [/\bwhat (?:do|did) i (?:like|love|enjoy|prefer|hate)\b/i, 'likes', (value) => `You ${value}.`],
];

function recallPersonal(question: string, facts: readonly Fact[]): Recollection | undefined {
  for (const [pattern, key, say] of PERSONAL) {
    if (!pattern.test(question)) continue;
    const fact = facts.find((each) => each.key === key);
    if (fact) return { say: say(toSecondPerson(fact.value)), known: true };
  }
  const asked =
    /\b(?:what(?:'s| is| was| are|s)?|when|where|which|who(?:'s| is)?|tell me|say|know|remember|recall|told you|tell you|guess|repeat)\b.*?\bmy (.+?)(?: (?:is|are|was|again|please|now|called))*[?.!]*$/i.exec(
      question,
    )?.[1];
  if (asked === undefined) return undefined;
  const fact = findFact(facts, asked) ?? findFact(facts, asked.replace(/'s name$/i, ''));
  const verb = fact && /[^s]s$/.test(fact.key) ? 'are' : 'is';
  return fact
    ? { say: `Your ${fact.key} ${verb} ${toSecondPerson(fact.value)}.`, known: true }
    : { say: `You have not told me your ${asked} yet.`, known: false };
}

function recallThing(question: string, facts: readonly Fact[]): Recollection | undefined {
  const asked = /\b(?:what|who|where|when|which)\b.*?\b(?:is|are|was|'s)? ?(?:the|our) (.+?)[?.!]*$/i.exec(
    question,
  )?.[1];
  const fact = asked === undefined ? undefined : findFact(facts, asked);
  if (fact) return { say: `The ${fact.key} is ${toSecondPerson(fact.value)}.`, known: true };
  if (!/\?$|^(?:what|who|where|when|which|do|did)\b/i.test(question)) return undefined;
  const words = contentWords(question);
  const note = facts.find(({ key, value }) => key === 'note' && coverage(words, contentWords(value)) > 0.6);
  return note && words.length > 0
    ? { say: `You asked me to remember that ${toSecondPerson(note.value)}.`, known: true }
    : undefined;
}

function recallEverything(question: string, facts: readonly Fact[]): Recollection | undefined {
  const notesOnly = /\bwhat (?:did i (?:ask|tell) you to|should you|do you) remember\b(?! about)/i.test(
    question,
  );
  if (!notesOnly && !/\bwhat (?:do|did) you (?:know|remember|learn) about me\b/i.test(question))
    return undefined;
  const notes = facts.filter(
    ({ key, value }) => key === 'note' && (notesOnly || factsIn(value).length === 0),
  );
  const own = notesOnly ? [] : facts.filter(({ key }) => key !== 'note');
  const newest = own.filter((fact, index) => own.findIndex(({ key }) => key === fact.key) === index);
  const named = [...newest].sort((a, b) => Number(b.key === 'name') - Number(a.key === 'name'));
  const sentences = [...named, ...notes].slice(0, MAX_RECOLLECTIONS).map(sentenceOf);
  if (sentences.length === 0) return { say: 'You have not told me anything to remember yet.', known: false };
  return { say: sentences.join(' '), known: true };
}

function recallUtterance(question: string, history: readonly HistoryEntry[]): Recollection | undefined {
  const mine =
    /\bwhat (?:did|have) you (?:just )?(?:say|said)\b|\b(?:repeat|say) that again\b|\bsay (?:it|that) again\b/i;
  if (mine.test(question)) {
    const last = history.findLast((entry) => entry.role === 'model');
    return last
      ? { say: `I said: ${textOf(last)}`, known: true }
      : { say: 'I have not said anything yet.', known: false };
  }
  const asked =
    /\bwhat (?:did|have|was) (?:i|the (?:first|last) thing i) (?:just |first |last )?(?:say|said|tell|told|ask|asked|talk|talked)(?: to)?(?: you)?(?: about)?(.*?)[?.!]*$/i.exec(
      question,
    );
  if (!asked || /\bto remember\b/i.test(question)) return undefined;
  const spoken = history.filter((entry) => entry.role === 'user').map(textOf);
  const about = contentWords(
    (asked[1] ?? '').replace(/\b(?:before|earlier|last|first|previous|time|call)\b/gi, ' '),
  );
  const first = /\bfirst\b/i.test(question);
  const found =
    about.length > 0
      ? spoken.findLast((text) => !text.includes('?') && coverage(about, contentWords(text)) >= 0.5)
      : first
        ? spoken[0]
        : spoken.at(-1);
  return found === undefined
    ? { say: 'I do not remember you saying that.', known: false }
    : { say: `You said: ${found}`, known: true };
}

function sentenceOf(fact: Fact): string {
  const value = toSecondPerson(fact.value);
  const special = PERSONAL.find(([, key]) => key === fact.key && key !== 'name');
  if (special) return special[2](value);
  if (fact.key === 'note') return `You asked me to remember that ${value}.`;
  return `${fact.own ? 'Your' : 'The'} ${fact.key} is ${value}.`;
}

function textOf(entry: HistoryEntry): string {
  return 'text' in entry ? entry.text : '';
}
