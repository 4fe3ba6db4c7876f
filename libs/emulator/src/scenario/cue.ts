/** What happened in a session that a rule may react to. */
export type ScenarioEvent =
  /** The setup was accepted. */
  | { readonly kind: 'start' }
  /** The user's turn is over: words that were written or heard, '' for none. */
  | { readonly kind: 'input'; readonly said: string }
  /** Speech was detected, or the client marked its begin. */
  | { readonly kind: 'speechStart' }
  /** Microphone audio of the whole session: before and with the newest message. */
  | { readonly kind: 'audio'; readonly fromMs: number; readonly toMs: number }
  /** The nth picture of the session, from 1. */
  | { readonly kind: 'video'; readonly frame: number }
  | {
      readonly kind: 'toolResult';
      readonly name: string;
      readonly response: Readonly<Record<string, unknown>>;
    }
  /** So long ago the setup was accepted. */
  | { readonly kind: 'timer'; readonly ms: number }
  /** Any message, as the client sent it. */
  | { readonly kind: 'message'; readonly message: unknown };

/** What a script may quote. */
export interface Cue {
  /** The user's newest words. */
  readonly said: string;
  /** How many turns the user has had, this one included. */
  readonly turn: number;
  /** The newest answer of a tool. */
  readonly result: Readonly<Record<string, unknown>>;
  /** The named groups of the rule's `textMatch`. */
  readonly match: Readonly<Record<string, string | undefined>>;
}

/** Fills in `{{said}}`, `{{turn}}`, `{{match.name}}`, `{{result}}` and `{{result.some.path}}`; what is not there becomes ''. */
export function fillIn(text: string, cue: Cue): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (_, path: string) => {
    const value = path.split('.').reduce<unknown>(fieldOf, cue);
    if (value === undefined || value === null) return '';
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** `fillIn` for every string in any JSON. */
export function fillInAll(value: unknown, cue: Cue): unknown {
  if (typeof value === 'string') return fillIn(value, cue);
  if (Array.isArray(value)) return value.map((item) => fillInAll(item, cue));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fillInAll(item, cue)]));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
