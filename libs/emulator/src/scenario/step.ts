import { z } from 'zod';
import { conditionSchema } from './condition.js';

const json = z.record(z.string(), z.unknown());
const flag = z.literal(true);
const milliseconds = z.int().min(0).max(86_400_000);
const pace = z.enum(['real', 'burst']);

/** A part as it is sent; `audioMs` becomes inline audio of that length. */
const part = z
  .looseObject({ audioMs: milliseconds.optional() })
  .refine((value) => Object.keys(value).length > 0, 'a part must have a field');

const transcription = z.preprocess(
  (value) => (typeof value === 'string' ? { text: value } : value),
  z.looseObject({ text: z.string().optional(), finished: flag.optional() }),
);

const functionCall = z.strictObject({
  /** Default: a new one in Google's form. */
  id: z.string().optional(),
  name: z.string(),
  args: json.default({}),
});

const interactionStatus = z.enum(['IN_PROGRESS', 'IDLE', 'REQUIRES_ACTION']);

/** Steps that are one server message each, sent exactly as written. */
const messageSteps = {
  /** A `serverContent` of these parts, in one message, with any of its other fields beside them. */
  content: z.looseObject({ parts: z.array(part).min(1).optional() }),
  /** One text part. */
  text: z.string(),
  /** One part of a thought. */
  think: z.string(),
  /** One part of inline audio of so many milliseconds: a tone. */
  audio: milliseconds,
  /** A piece of a caption, `finished` or not. */
  transcript: z
    .strictObject({
      input: transcription.optional(),
      interim: transcription.optional(),
      output: transcription.optional(),
    })
    .refine((value) => Object.keys(value).length > 0, 'expected input, interim or output'),
  /** One call, or several in one message. */
  toolCall: z.preprocess(listOf, z.array(functionCall).min(1)),
  toolCallCancellation: z.array(z.string()).min(1),
  generationComplete: flag,
  turnComplete: orDefaults(
    z.strictObject({
      reason: z.string().optional(),
      interactionStatus: interactionStatus.optional(),
      usage: json.optional(),
    }),
  ),
  interrupted: orDefaults(z.strictObject({ turnComplete: flag.optional(), usage: json.optional() })),
  /** `usageMetadata` alone. */
  usage: json,
  /** `groundingMetadata` alone. */
  grounding: json,
  voiceActivity: z.preprocess(
    (value) => (typeof value === 'string' ? { type: value } : value),
    z.strictObject({
      type: z.enum(['ACTIVITY_START', 'ACTIVITY_END']),
      /** A Duration, such as "1.2s". */
      audioOffset: z.string().optional(),
    }),
  ),
  /** Announces the end in so many milliseconds, and does nothing about it. */
  goAway: milliseconds,
  /** A `sessionResumptionUpdate`. */
  resumption: json,
  waitingForInput: flag,
  interactionStatus,
  setupComplete: orDefaults(json),
  /** Any JSON, as a server message. */
  send: json,
};

/** Steps that do something else than send one message. */
const actionSteps = {
  /** Speaks, or writes where text was asked for, in as many messages as it takes. */
  say: z.preprocess(
    (value) => (typeof value === 'string' ? { text: value } : value),
    z.strictObject({ text: z.string().min(1), pace: pace.optional() }),
  ),
  wait: milliseconds,
  /** Goes on when this happens, also when it has since the script began. */
  waitFor: conditionSchema,
  /** A frame of exactly this text. */
  sendText: z.string(),
  /** A frame that is no JSON; `true`: half a message. */
  malformed: z.union([flag, z.string()], 'expected true or the text of the frame'),
  close: z.strictObject({
    code: z.int().refine(isSendableCode, 'not a close code that can be sent').default(1000),
    reason: z.string().default(''),
  }),
  /** Breaks the TCP connection. */
  drop: flag,
  /** Holds back all that is sent from here on, for so long or until `resume`. */
  stall: z.union([flag, milliseconds], 'expected true or milliseconds'),
  resume: flag,
  /** Sends the script's last message again, once or so many times. */
  duplicate: z.preprocess((value) => (value === true ? 1 : value), z.int().min(1).max(1_000)),
};

const flatSteps = { ...messageSteps, ...actionSteps };

type StepsOf<Shapes extends Readonly<Record<string, z.ZodType>>> = {
  [V in keyof Shapes]: { readonly verb: V; readonly value: z.output<Shapes[V]> };
}[keyof Shapes];

/** A step that is one server message. */
export type MessageStep = StepsOf<typeof messageSteps>;

/** One step of a script, read and completed with its defaults. */
export type Step =
  | StepsOf<typeof flatSteps>
  /** The messages of these steps, last first. */
  | { readonly verb: 'reorder'; readonly value: readonly MessageStep[] }
  | {
      readonly verb: 'repeat';
      readonly value: { readonly times: number; readonly do: readonly Step[] };
    };

/** Reads `{"verb": value}`. */
export const stepSchema: z.ZodType<Step> = z.unknown().transform((value, context): Step => {
  const given = typeof value === 'object' && value !== null ? value : {};
  const verbs = Object.entries(given as Readonly<Record<string, unknown>>);
  const [only] = verbs;
  if (!only || verbs.length > 1) {
    context.addIssue({
      code: 'custom',
      message: 'a step is an object with one key, such as {"say": "Hello"}',
    });
    return z.NEVER;
  }
  const [verb, body] = only;
  if (!isVerb(verb)) {
    context.addIssue({
      code: 'custom',
      message: `there is no step "${verb}"; there are ${Object.keys(STEPS).join(', ')}`,
    });
    return z.NEVER;
  }
  const read = STEPS[verb].safeParse(body);
  if (!read.success) {
    for (const { message, path } of read.error.issues) {
      context.addIssue({ code: 'custom', message, path: [verb, ...path] });
    }
    return z.NEVER;
  }
  return { verb, value: read.data } as Step;
});

const STEPS: Readonly<Record<Step['verb'], z.ZodType>> = {
  ...flatSteps,
  reorder: z
    .array(stepSchema)
    .min(2)
    .refine((steps) => steps.every(isMessageStep), 'only steps that are one message can change places'),
  repeat: z.strictObject({ times: z.int().min(1).max(1_000), do: z.array(stepSchema).min(1) }),
};

export function isMessageStep(step: Step): step is MessageStep {
  return Object.hasOwn(messageSteps, step.verb);
}

function isVerb(name: string): name is Step['verb'] {
  return Object.hasOwn(STEPS, name);
}

function listOf(value: unknown): unknown {
  return Array.isArray(value) ? value : [value];
}

/** `true` stands for an object in which everything is left out. */
function orDefaults<S extends z.ZodType>(schema: S): z.ZodPreprocess<S> {
  return z.preprocess((value) => (value === true ? {} : value), schema);
}

/** What RFC 6455 lets an endpoint put in a close frame. */
function isSendableCode(code: number): boolean {
  const standard = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  return standard || (code >= 3000 && code <= 4999);
}
