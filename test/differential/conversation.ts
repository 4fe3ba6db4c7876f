/** A tool with a fixed outcome, built for both runtimes from these words. */
export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** Names of its arguments; all are strings, and required. */
  readonly parameters?: readonly string[];
  readonly longRunning?: boolean;
  readonly does: ToolConduct;
}

/** What a tool does when it is called, in this order. */
export interface ToolConduct {
  readonly state?: Readonly<Record<string, unknown>>;
  readonly transferTo?: string;
  readonly escalate?: boolean;
  /** Until the script's step `release`. */
  readonly waits?: boolean;
  /** Takes a moment, in which a neighbour can begin. */
  readonly lingers?: boolean;
  readonly throws?: string;
  /** As an async generator. */
  readonly yields?: readonly unknown[];
  /** Answers with how many tools of the run were at work when it began, itself included. */
  readonly countsRunning?: boolean;
  readonly returns?: unknown;
}

export interface AgentSpec {
  readonly kind?: 'llm' | 'sequential' | 'loop';
  readonly name: string;
  readonly description?: string;
  readonly instruction?: string;
  readonly model?: string;
  readonly maxIterations?: number;
  readonly tools?: readonly ToolSpec[];
  readonly subAgents?: readonly AgentSpec[];
}

/** A message of the model as it stands on the wire. */
export type ModelMessage = Readonly<Record<string, unknown>>;

/**
 * One step of a script. What waits gives up when the run has ended, or after a deadline; a wait that is known to be
 * in vain on a side has a short one there.
 */
export type Step = StepBody & { readonly inVainFor?: 'adk' | 'parley' };

type StepBody =
  /** The user sends text, or content as it is. */
  | { readonly says: string }
  | { readonly content: Readonly<Record<string, unknown>> }
  /** The user sends so many milliseconds of PCM, or media of this type. */
  | { readonly speaksMs: number }
  | { readonly shows: string }
  | { readonly activity: 'start' | 'end' }
  | { readonly closesQueue: true }
  /** The run is aborted by its signal. */
  | { readonly aborts: true }
  /** The model has got one more message with this field on the present connection, such as `realtimeInput.text`. */
  | { readonly hears: string }
  /** The model sends these; the script goes on when the run has read them. */
  | { readonly model: readonly ModelMessage[]; readonly unread?: true }
  /** The model's side closes the connection, or breaks it without a closing handshake. */
  | { readonly hangsUp: number; readonly reason?: string }
  | { readonly drops: true }
  /** The run has opened its n-th connection, which is the present one from now on. */
  | { readonly connection: number }
  /** The run has shown an event with this field. */
  | { readonly shown: string }
  /** The run has ended by itself. */
  | { readonly ends: true }
  /** Tools that wait go on. */
  | { readonly release: true }
  /** The run is ended by closing its queue, and another is begun on the same session. */
  | { readonly again: true };

/** Lines that both sides show, and where they differ what each shows instead, under a difference's number. */
export type Expected = readonly (string | Differs)[];

export interface Differs {
  readonly number: number;
  readonly adk: readonly string[];
  readonly parley: readonly string[];
}

export function differs(
  number: number,
  lines: { readonly adk?: readonly string[]; readonly parley?: readonly string[] },
): Differs {
  return { number, adk: lines.adk ?? [], parley: lines.parley ?? [] };
}

export interface Conversation {
  readonly title: string;
  readonly agent: AgentSpec;
  /** In ADK's words; both runtimes get the same. */
  readonly runConfig?: Readonly<Record<string, unknown>>;
  /** False: the model leaves the set-up unanswered. */
  readonly acceptsSetup?: false;
  /** The handle of an earlier run, which both are given to begin with. */
  readonly resumeWith?: string;
  readonly steps: readonly Step[];
  /** The events of the run in order, then how it ended. */
  readonly events: Expected;
  /** The events again, each with the model that it is ascribed to. */
  readonly models?: Expected;
  /** What the model got after the set-ups, in order, each with the number of its connection. */
  readonly sent?: Expected;
  /** What the set-ups say, leaf by leaf, without their prose. */
  readonly setups?: Expected;
  /** What each set-up says of resumption. */
  readonly handles?: Expected;
  /** The events of the session afterwards. */
  readonly stored?: Expected;
}

/** The lines that one side is expected to show. */
export function expectedOf(side: 'adk' | 'parley', expected: Expected): readonly string[] {
  return expected.flatMap((line) => (typeof line === 'string' ? [line] : line[side]));
}

/** What a conversation can say of its outcome. */
export const ASPECTS = ['events', 'models', 'sent', 'setups', 'handles', 'stored'] as const;

export type Aspect = (typeof ASPECTS)[number];

/** All places where a conversation expects the sides to differ. */
export function differencesIn(conversation: Conversation): readonly Differs[] {
  return ASPECTS.flatMap((aspect) =>
    (conversation[aspect] ?? []).flatMap((line) => (typeof line === 'string' ? [] : [line])),
  );
}
