import { z } from 'zod';
import type { Cue, ScenarioEvent } from './cue.js';

/** What happens; `turn` and `textMatch` narrow it down, and alone mean the end of a user's turn. */
const TRIGGERS = [
  'start',
  'input',
  'speechStart',
  'audioMs',
  'video',
  'toolResult',
  'timer',
  'message',
] as const;

const milliseconds = z.int().min(0).max(86_400_000);
const json = z.record(z.string(), z.unknown());

const fields = {
  /** The setup was accepted. */
  start: z.literal(true).optional(),
  /** The user's turn is over, whatever was said. */
  input: z.literal(true).optional(),
  /** It is the user's nth turn, from 1. */
  turn: z.int().min(1).optional(),
  /** A regular expression that the user's newest words match, in any case. */
  textMatch: z.string().refine(isPattern, 'not a regular expression').optional(),
  /** The user begins to speak. */
  speechStart: z.literal(true).optional(),
  /** So much microphone audio has come since the session began. */
  audioMs: milliseconds.optional(),
  /** The nth picture has come; `true`: any. */
  video: z.union([z.literal(true), z.int().min(1)], 'expected true or the number of a picture').optional(),
  /** A tool answered: any, one by name, or one whose response contains this. */
  toolResult: z
    .union(
      [z.literal(true), z.string(), z.strictObject({ name: z.string().optional(), match: json.optional() })],
      'expected true, the name of a function or {"name", "match"}',
    )
    .optional(),
  /** So long ago the setup was accepted. */
  timer: milliseconds.optional(),
  /** A client message contains this, compared as it was sent. */
  message: json.optional(),
};

/** When a rule fires: one trigger, and what narrows it down. */
export const conditionSchema = z.strictObject(fields).superRefine((when, context) => {
  const triggers = TRIGGERS.filter((name) => when[name] !== undefined);
  if (triggers.length > 1) {
    context.addIssue({
      code: 'custom',
      message: `${triggers.join(' and ')} can't be one rule's trigger together`,
    });
  }
  if (triggers.length === 0 && when.turn === undefined && when.textMatch === undefined) {
    context.addIssue({ code: 'custom', message: `says nothing; it takes ${Object.keys(fields).join(', ')}` });
  }
});

export type Condition = z.output<typeof conditionSchema>;

/** Whether the user's turn itself is what the rule waits for. */
export function answersInput(when: Condition): boolean {
  return when.input === true || TRIGGERS.every((name) => when[name] === undefined);
}

export function holds(when: Condition, event: ScenarioEvent, cue: Cue): boolean {
  if (when.turn !== undefined && when.turn !== cue.turn) return false;
  if (when.textMatch !== undefined && !new RegExp(when.textMatch, 'i').test(cue.said)) return false;
  switch (event.kind) {
    case 'start':
      return when.start === true;
    case 'input':
      return answersInput(when);
    case 'speechStart':
      return when.speechStart === true;
    case 'audio':
      return when.audioMs !== undefined && event.fromMs < when.audioMs && when.audioMs <= event.toMs;
    case 'video':
      return when.video === true || when.video === event.frame;
    case 'toolResult':
      return matchesResult(when.toolResult, event.name, event.response);
    case 'timer':
      return when.timer === event.ms;
    case 'message':
      return when.message !== undefined && contains(event.message, when.message);
  }
}

/** What the named groups of `textMatch` caught. */
export function groupsOf({ textMatch }: Condition, { said }: Cue): Cue['match'] {
  return textMatch === undefined ? {} : { ...new RegExp(textMatch, 'i').exec(said)?.groups };
}

function matchesResult(wanted: Condition['toolResult'], name: string, response: unknown): boolean {
  if (wanted === undefined) return false;
  if (wanted === true || typeof wanted === 'string') return wanted === true || wanted === name;
  return (wanted.name ?? name) === name && (wanted.match === undefined || contains(response, wanted.match));
}

/** Whether everything in `part` is in `whole`, at the same places. */
export function contains(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return whole === part;
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(part).every(
    ([name, value]) =>
      Object.hasOwn(whole, name) && contains((whole as Readonly<Record<string, unknown>>)[name], value),
  );
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'i');
    return true;
  } catch {
    return false;
  }
}
