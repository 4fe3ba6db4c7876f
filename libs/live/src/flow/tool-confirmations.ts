import type { FunctionCall, FunctionResponse, ToolConfirmation } from '@parley/event';
import type { CancelTimer, Clock } from '@parley/kernel';
import { REQUEST_CONFIRMATION } from '../tool/reserved-tool-names.js';

/** A person who has not answered by then has said no. */
export const CONFIRMATION_EXPIRES_MS = 600_000;
/** Questions that may be open at a time. */
export const MAX_OPEN_CONFIRMATIONS = 32;

/** What a person decided, or that nobody did in time. */
export type ConfirmationVerdict =
  | { readonly confirmed: true; readonly payload?: unknown }
  | { readonly confirmed: false; readonly expired: boolean };

export interface ConfirmationQuestion {
  readonly call: FunctionCall;
  readonly hint: string;
  readonly payload?: unknown;
  readonly onVerdict: (verdict: ConfirmationVerdict) => void;
}

/** What the client is asked with, and how the question is taken back. */
export interface OpenConfirmation {
  /** An `adk_request_confirmation` call with an id of its own. [src: adk-python functions.py] */
  readonly request: FunctionCall;
  readonly asked: ToolConfirmation;
  readonly withdraw: () => void;
}

/**
 * Questions to a person that have not been answered.
 *
 * 1. A question gets one verdict: the first answer, or no after ten minutes; none once it was withdrawn.
 * 2. Only `confirmed: true` is a yes; whatever else comes is a no.
 */
export class ToolConfirmations {
  readonly #clock: Clock;
  readonly #newCallId: () => string;
  readonly #open = new Map<string, { readonly decide: (verdict: ConfirmationVerdict) => void }>();

  constructor(clock: Clock, newCallId: () => string) {
    this.#clock = clock;
    this.#newCallId = newCallId;
  }

  /** Undefined when too many questions are open already. */
  ask({ call, hint, payload, onVerdict }: ConfirmationQuestion): OpenConfirmation | undefined {
    if (this.#open.size >= MAX_OPEN_CONFIRMATIONS) return undefined;
    const id = this.#newCallId();
    const withdraw = (): void => {
      cancelExpiry();
      this.#open.delete(id);
    };
    const decide = (verdict: ConfirmationVerdict): void => {
      withdraw();
      onVerdict(verdict);
    };
    const cancelExpiry: CancelTimer = this.#clock.after(CONFIRMATION_EXPIRES_MS, () =>
      decide({ confirmed: false, expired: true }),
    );
    this.#open.set(id, { decide });
    const asked = { hint, confirmed: false, ...(payload === undefined ? {} : { payload }) };
    const args = { originalFunctionCall: call, toolConfirmation: asked };
    return { request: { id, name: REQUEST_CONFIRMATION, args }, asked, withdraw };
  }

  /** Whether `response` was about a question, open or not: if so it is not for the model. */
  answer(response: FunctionResponse): boolean {
    const question = this.#open.get(response.id);
    question?.decide(verdictOf(response.response));
    return question !== undefined || response.name === REQUEST_CONFIRMATION;
  }
}

/** ADK's web client wraps the answer: `{response: '{"confirmed":true}'}`. */
function verdictOf(response: Readonly<Record<string, unknown>>): ConfirmationVerdict {
  const fields = typeof response['response'] === 'string' ? fromJson(response['response']) : response;
  if (typeof fields !== 'object' || fields === null) return { confirmed: false, expired: false };
  if (!('confirmed' in fields) || fields.confirmed !== true) return { confirmed: false, expired: false };
  return 'payload' in fields ? { confirmed: true, payload: fields.payload } : { confirmed: true };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
