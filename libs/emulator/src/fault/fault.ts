import { ParleyError } from '@parley/kernel';

interface FaultKindEntry {
  readonly does: string;
  /** Its parameters, each with what holds when it is not given. */
  readonly defaults: Readonly<Record<string, number | string>>;
}

/**
 * Everything that an emulator can do wrong. `afterAudio` is the number of the model's audio messages after which
 * it strikes; 0 is right after `setupComplete`. What is struck by hand strikes at once.
 */
export const FAULTS = {
  refuseUpgrade: { does: 'Answers the upgrade request with an HTTP status.', defaults: { status: 503 } },
  ignoreUpgrade: { does: 'Takes the TCP connection and never answers the upgrade request.', defaults: {} },
  quota: {
    does: 'From the session after this many of one key: refuses with the HTTP status, or closes with 1011 for 0.',
    defaults: { sessions: 1, status: 429 },
  },
  closeBeforeSetup: {
    does: 'Closes the WebSocket before any message.',
    defaults: { code: 1011, reason: 'The service is currently unavailable.' },
  },
  noSetupComplete: { does: 'Never sends anything.', defaults: {} },
  close: {
    does: 'Closes in the middle of speech, with any code and reason.',
    defaults: { code: 1011, reason: 'Internal error encountered.', afterAudio: 2 },
  },
  reset: { does: 'Resets the TCP connection.', defaults: { afterAudio: 2 } },
  halfOpen: { does: 'Stops reading and writing and keeps the socket open.', defaults: { afterAudio: 2 } },
  stall: { does: 'Holds back all messages for a time.', defaults: { seconds: 30, afterAudio: 2 } },
  slowReader: { does: 'Reads no faster than this.', defaults: { bytesPerSecond: 8_000 } },
  goAway: {
    does: 'Says goAway and closes when its time is over.',
    defaults: { timeLeftMs: 0, afterAudio: 2 },
  },
  malformedJson: { does: 'Sends a message that breaks off.', defaults: { afterAudio: 2 } },
  oversizedFrame: {
    does: 'Sends a message of this size.',
    defaults: { bytes: 20 * 1024 * 1024, afterAudio: 2 },
  },
  flipFrames: { does: 'Sends text frames for binary ones, and binary for text.', defaults: {} },
  duplicateTurnComplete: { does: 'Sends every turnComplete twice.', defaults: {} },
  missingGenerationComplete: { does: 'Never sends generationComplete.', defaults: {} },
  lateTranscript: { does: 'Sends transcriptions only after turnComplete.', defaults: {} },
  toolCallWithoutId: { does: 'Sends function calls without ids.', defaults: {} },
} as const satisfies Readonly<Record<string, FaultKindEntry>>;

export type FaultKind = keyof typeof FAULTS;

type ParametersOf<K extends FaultKind> = {
  readonly [P in keyof (typeof FAULTS)[K]['defaults']]: (typeof FAULTS)[K]['defaults'][P] extends number
    ? number
    : string;
};

/** A fault as one asks for it: the parameters may be left out. */
export type Fault = {
  [K in FaultKind]: { readonly kind: K } & Partial<ParametersOf<K>>;
}[FaultKind];

export type CompleteFault = { [K in FaultKind]: { readonly kind: K } & ParametersOf<K> }[FaultKind];

export function completeFault(fault: Fault): CompleteFault {
  return { ...FAULTS[fault.kind].defaults, ...fault } as CompleteFault;
}

/** Throws `invalid_message` for what is no fault. */
export function readFault(value: unknown): Fault {
  if (typeof value !== 'object' || value === null || !('kind' in value)) throw noFault('it names no kind');
  const { kind, ...given }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof kind !== 'string' || !Object.hasOwn(FAULTS, kind)) throw noFault('its kind is not known');
  const { defaults }: FaultKindEntry = FAULTS[kind as FaultKind];
  for (const [name, parameter] of Object.entries(given)) {
    if (!Object.hasOwn(defaults, name) || typeof parameter !== typeof defaults[name])
      throw noFault(`'${name}' is not right`);
  }
  return { kind, ...given } as Fault;
}

function noFault(why: string): ParleyError {
  return new ParleyError('invalid_message', `This is no fault: ${why}.`, { kind: 'invalid_argument' });
}
