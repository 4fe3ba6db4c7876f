import { contentWords, coverage, humanName, sentencesIn } from './words.js';

/** What rules can follow of a system instruction. */
export interface Instruction {
  /** Who the agent says it is. */
  readonly name: string | undefined;
  /** Such as "a tutor for algebra". */
  readonly role: string | undefined;
  /** Opens the first answer of a conversation. */
  readonly greeting: string | undefined;
  /** Opens and closes every answer. */
  readonly opening: string | undefined;
  readonly closing: string | undefined;
  /** Every answer is one sentence; `brief`: short unless something long was asked for. */
  readonly oneSentence: boolean;
  readonly brief: boolean;
  readonly forbidden: readonly string[];
  readonly conditions: readonly ConditionalAnswer[];
  /** Sentences that state something, to answer questions from. */
  readonly statements: readonly string[];
}

interface ConditionalAnswer {
  readonly about: readonly string[];
  readonly answer: string;
}

const QUOTED = /["“]([^"”]+)["”]|(?<=\s)['‘]((?:[^'’]|['’](?=\w))+)['’](?=[\s.,;!?]|$)/;
const IMPERATIVE =
  /^(you|your|always|never|do|don't|if|when|whenever|use|call|answer|respond|reply|speak|talk|greet|welcome|be|keep|start|begin|end|finish|close|say|tell|ask|help|please|only|make|act|avoid|mention|remember|transfer|agent name|agent description)\b/i;

export function readInstruction(text: string): Instruction {
  const sentences = sentencesIn(text);
  const find = (pattern: RegExp): string | undefined =>
    sentences.map((sentence) => afterMatch(sentence, pattern)).find((rest) => rest !== undefined);
  return {
    name: readName(text),
    role: /\byou are (?:[\w-]+, )?(an? (?!agent\b)[^.\n]+)/i.exec(text)?.[1]?.trim(),
    greeting:
      find(/\b(?:greet|welcome)\b.*?\b(?:with|by saying|saying)\b/i) ??
      find(
        /\b(?:start|begin|open) (?:the|your|a|every|each) (?:conversation|call|session|chat)\b.*?\b(?:with|by saying)\b/i,
      ),
    opening: find(
      /\b(?:start|begin|open) (?:(?:every|each|all|your) )+(?:answer|reply|response|sentence)?s?\b.*?\b(?:with|by saying)\b|\balways (?:start|begin) with\b/i,
    ),
    closing: find(
      /\b(?:end|finish|close) (?:(?:every|each|all|your|the) )+(?:answer|reply|response|sentence)?s?\b.*?\b(?:with|by saying)\b|\balways (?:end|finish) with\b|\balways say\b/i,
    ),
    oneSentence: /\b(?:one|a single|1)(?: short)? sentence\b|\bone-sentence\b/i.test(text),
    brief: /\b(?:brief|concise|short answers?|two (?:short )?sentences)\b/i.test(text),
    forbidden: sentences.flatMap(readForbidden),
    conditions: sentences.flatMap((sentence) => readCondition(sentence) ?? []),
    statements: sentences.filter(
      (sentence) => !IMPERATIVE.test(sentence) && contentWords(sentence).length >= 2,
    ),
  };
}

/** What the instruction wants answered to these words, if it says so. */
export function conditionalAnswer(instruction: Instruction, said: string): string | undefined {
  const words = contentWords(said);
  return instruction.conditions.find(({ about }) => coverage(about, words) === 1)?.answer;
}

function readName(text: string): string | undefined {
  const told =
    /(?:\byour name is|\byou are called|\bcall yourself|\bnamed)\s+["“']?([A-Z][\w-]*(?: [A-Z][\w-]*)?)/.exec(
      text,
    ) ?? /\b[Yy]ou are (?!An?\b|The\b)["“']?([A-Z][\w-]*(?: [A-Z][\w-]*)?)/.exec(text);
  if (told) return told[1];
  const internal = /\binternal name is ["“']?([\w-]+)/.exec(text)?.[1];
  return internal === undefined ? undefined : humanName(internal);
}

function readForbidden(sentence: string): string[] {
  const rest = afterMatch(
    sentence,
    /\b(?:never|do not|don't) (?:ever )?(?:say|mention|use|talk about|discuss|reveal)(?: the words?| anything about)?\b/i,
  );
  return rest === undefined ? [] : rest.split(/,| or | and /).flatMap((word) => word.trim() || []);
}

function readCondition(sentence: string): ConditionalAnswer | undefined {
  const match =
    /^(?:if|when|whenever)\s+(.+?),\s*(?:then\s+|please\s+|always\s+)*(?:say|answer|reply|respond|tell (?:them|him|her|the \w+))\b(.*)$/i.exec(
      sentence,
    );
  if (!match) return undefined;
  const about = contentWords(
    (match[1] ?? '').replace(
      /^(?:the |a )?(?:user|customer|caller|someone|somebody|anyone|they|you)?\s*(?:is |are |'re )?(?:asks?|asked|asking|says?|mentions?|wants? to know|wants?|talks?)?\b/i,
      '',
    ),
  );
  const answer = spokenPart((match[2] ?? '').replace(/^\s*(?:with|that|exactly|:)+\s*/i, ''));
  return about.length > 0 && answer !== '' ? { about, answer } : undefined;
}

function afterMatch(sentence: string, pattern: RegExp): string | undefined {
  const match = pattern.exec(sentence);
  if (!match) return undefined;
  const rest = spokenPart(sentence.slice(match.index + match[0].length));
  return rest === '' ? undefined : rest;
}

/** The quoted words, or all of it when nothing is quoted. */
function spokenPart(rest: string): string {
  const quoted = QUOTED.exec(` ${rest}`);
  const text = quoted ? (quoted[1] ?? quoted[2] ?? '') : rest.replace(/^[\s:,]+|[\s.]+$/g, '');
  return text.trim();
}
