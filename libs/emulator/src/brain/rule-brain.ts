import type { Brain, BrainContext, Reply, ToolOutcome } from './brain.js';
import { calculate } from './arithmetic.js';
import { factsIn, factsTold, toSecondPerson, type Fact } from './fact-book.js';
import { conditionalAnswer, readInstruction, type Instruction } from './instruction.js';
import { recall } from './recall.js';
import { acknowledgeStop, echo, smallTalk, tellTime } from './small-talk.js';
import { shapeReply } from './reply-shape.js';
import { numbersIn, numberWords } from './spoken-numbers.js';
import { storyTopic, tellStory } from './stories.js';
import { chooseCalls } from './tool-choice.js';
import { reportOutcomes } from './tool-report.js';
import { contentWords, coverage, humanName, pick, sentencesIn } from './words.js';

/** What a rule has to go by. */
interface Situation {
  readonly said: string;
  readonly context: BrainContext;
  readonly instruction: Instruction;
  /** Told before and in `said`, newest first. */
  readonly facts: readonly Fact[];
}

/** What is longer is not spoken language; rules look no further. */
const MAX_SAID_CHARS = 4_000;

type Rule = (situation: Situation) => string | undefined;

/**
 * Answers by rules, in English: follows the instruction as far as rules can, calls tools when their words occur,
 * remembers what it was told, and otherwise says what it heard and what it can do. Says once in a conversation
 * that it is an emulator.
 */
export class RuleBrain implements Brain {
  answer(context: BrainContext, input: string, understood: boolean): Reply {
    const said = input.slice(0, MAX_SAID_CHARS);
    const instruction = readInstruction(context.instruction);
    const finish = (say: string): Reply => ({ say: shapeReply(say, instruction, context) });
    if (said === '')
      return finish(pick(['Go on, I am listening.', 'I am here. What shall we talk about?'], context.random));
    if (!understood) return finish(notUnderstood(said));
    const stop = acknowledgeStop(said, context.random);
    if (stop !== undefined) return { say: stop };
    const told = factsTold(context.history);
    const situation: Situation = { said, context, instruction, facts: [...factsIn(said).reverse(), ...told] };
    const first = answerBy(BEFORE_TOOLS, situation);
    if (first !== undefined) return finish(first);
    const calls = chooseCalls(said, context, { facts: situation.facts });
    if (calls.length > 0) {
      return { say: pick(['One moment.', 'Let me check.', 'Let me see.'], context.random), calls };
    }
    return finish(answerBy(AFTER_TOOLS, situation) ?? fallback(situation));
  }

  afterTools(context: BrainContext, outcomes: readonly ToolOutcome[]): Reply {
    const instruction = readInstruction(context.instruction);
    return { say: shapeReply(reportOutcomes(outcomes, context.random), instruction, context) };
  }
}

function answerBy(rules: readonly Rule[], situation: Situation): string | undefined {
  for (const rule of rules) {
    const say = rule(situation);
    if (say !== undefined) return say;
  }
  return undefined;
}

/** What is surely meant, whatever tools there are. */
const BEFORE_TOOLS: readonly Rule[] = [
  ({ instruction, said }) => conditionalAnswer(instruction, said),
  ({ said, facts, context }) => {
    const recollection = recall(said, facts, context.history);
    return recollection?.known ? recollection.say : undefined;
  },
  ({ said, context }) => {
    const hasCalculator = context.functions.some(({ name }) =>
      /calc|math|add|sum|mult|divi|subtract/i.test(name),
    );
    return hasCalculator ? undefined : calculate(said);
  },
];

const AFTER_TOOLS: readonly Rule[] = [
  acknowledgeFacts,
  ({ said, facts, context }) => recall(said, facts, context.history)?.say,
  ({ said }) => echo(said),
  ({ said, context }) =>
    /\b(?:story|tale|fairy ?tale|poem)\b|\btalk for a (?:while|minute)\b/i.test(said)
      ? tellStory(storyTopic(said), context.random)
      : undefined,
  countAloud,
  ({ said, context }) => tellTime(said, context.nowMs),
  describeSight,
  introduce,
  explainAbilities,
  quoteKnowledge,
  ({ said, context }) => smallTalk(said, context.random),
];

function notUnderstood(said: string): string {
  const seconds = /[\d.]+/.exec(said)?.[0];
  return `I heard you speak${seconds ? ` for ${seconds} seconds` : ''}, but I cannot make out words here. Please type to me instead.`;
}

function acknowledgeFacts({ said, context }: Situation): string | undefined {
  const facts = factsIn(said);
  const name = facts.find(({ key }) => key === 'name');
  if (name)
    return pick(
      [`Nice to meet you, ${name.value}.`, `Hello ${name.value}, good to know you.`],
      context.random,
    );
  const note = facts.find(({ key }) => key === 'note');
  if (note) return `I will remember that ${toSecondPerson(note.value)}.`;
  const [fact] = facts;
  if (!fact) return undefined;
  const sentence = sentencesIn(said).find((each) => factsIn(each).length > 0) ?? said;
  return `${pick(['I will remember that', 'Noted:', 'Good to know that'], context.random)} ${lowerFirst(toSecondPerson(sentence))}`;
}

function countAloud({ said }: Situation): string | undefined {
  if (!/\bcount\b/i.test(said)) return undefined;
  const numbers = numbersIn(said);
  const to = Math.min(100, numbers.at(-1) ?? 20);
  const from = numbers.length > 1 ? (numbers[0] ?? 1) : 1;
  const length = Math.min(100, Math.abs(to - from) + 1);
  const step = to >= from ? 1 : -1;
  return `${Array.from({ length }, (_, index) => numberWords(from + step * index)).join(', ')}.`;
}

function describeSight({ said, context }: Situation): string | undefined {
  if (
    !/\b(?:what|can|do) (?:can |do )?you see\b|\blook at (?:this|me)\b|\bin (?:the|this) (?:picture|image|video|camera)\b/i.test(
      said,
    )
  ) {
    return undefined;
  }
  const { videoFrames } = context;
  return videoFrames === 0
    ? 'I have not received any picture yet.'
    : `I have received ${videoFrames} ${videoFrames === 1 ? 'picture' : 'pictures'} from your camera, but an emulator cannot see what is in them.`;
}

function introduce({ said, instruction }: Situation): string | undefined {
  if (
    !/\b(?:who|what) are you\b|\byour name\b|\bintroduce yourself\b|\bare you (?:a |an )?(?:real|human|robot|bot|ai|emulator)\b/i.test(
      said,
    )
  ) {
    return undefined;
  }
  const name = instruction.name === undefined ? '' : `I am ${instruction.name}. `;
  const role = instruction.role === undefined ? '' : `My role here is ${instruction.role}. `;
  return `${name}${role}Behind me is the emulator of Parley, which follows rules and has no model.`;
}

function explainAbilities({ said, context }: Situation): string | undefined {
  if (!/\bwhat can (?:you|i) (?:do|ask|say)\b|\bhelp\b|\byour (?:abilities|tools)\b/i.test(said))
    return undefined;
  return `I can ${abilities(context)}.`;
}

/** Answers a question from what the instruction states, other agents said or tools answered. */
function quoteKnowledge({ said, instruction, context }: Situation): string | undefined {
  const wanted = contentWords(said);
  if (
    wanted.length === 0 ||
    !/\?|^(?:what|who|where|when|why|how|which|is|are|do|does|can|tell)\b/i.test(said)
  ) {
    return undefined;
  }
  const heard = context.history.flatMap((entry) => {
    if (entry.role === 'tool') return [reportOutcomes([entry], context.random)];
    return entry.role === 'context' ? sentencesIn(entry.text) : [];
  });
  const scored = [...instruction.statements, ...heard].map((text) => ({
    text,
    score: coverage(wanted, contentWords(text)),
  }));
  const best = scored.reduce((found, each) => (each.score > found.score ? each : found), {
    text: '',
    score: 0.49,
  });
  return best.text === '' ? undefined : best.text;
}

function fallback({ said, context }: Situation): string {
  const heard = said
    .replace(/\s+/g, ' ')
    .replace(/[.?!]+$/, '')
    .slice(0, 160);
  const can = abilities(context);
  return pick(
    [
      `You said: ${heard}. I cannot think about that without a model, but I can ${can}.`,
      `I heard: ${heard}. Rules alone have no answer to that. What I can do is ${can}.`,
      `About "${heard}" I have no rule. But I can ${can}.`,
    ],
    context.random,
  );
}

function abilities({ functions }: BrainContext): string {
  const own = ['remember what you tell me', 'do small sums', 'count', 'tell you a story'];
  const tools = functions
    .filter(({ name }) => name !== 'transfer_to_agent' && name !== 'stop_streaming')
    .slice(0, 3)
    .map(({ name }) => humanName(name));
  const all = [...tools, ...own.slice(0, 4 - Math.min(2, tools.length))];
  return `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}

function lowerFirst(text: string): string {
  return /^(?:you|your|the|our)\b/i.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}
