import { DeviceError, type CallEnd, type DeviceProblem } from '@parley/client';
import { toParleyError, type ErrorCode } from '@parley/kernel';
import { ERROR_TABLE, type ErrorAdvice } from '@parley/wire';

export type ProblemAction = 'retry' | 'key' | 'new-session';

/** Something that went wrong, in words that say what to do. */
export interface Problem {
  readonly title: string;
  readonly advice: string;
  /** The button that does it; undefined where only the reader can. */
  readonly action: ProblemAction | undefined;
}

const ADVICE: Readonly<Record<ErrorAdvice, Pick<Problem, 'advice' | 'action'>>> = {
  fix: { advice: 'Check the agent and its settings, then call again.', action: undefined },
  new_token: { advice: 'Enter an API key that this server knows.', action: 'key' },
  new_session: { advice: 'This session is over. Start a new one.', action: 'new-session' },
  retry: { advice: 'Wait a moment and call again.', action: 'retry' },
  resume: { advice: 'Call again; the conversation goes on where it stopped.', action: 'retry' },
  stop: { advice: 'This call may not go on here.', action: undefined },
};

const ADVICE_BY_CODE: Partial<Readonly<Record<ErrorCode, Pick<Problem, 'advice' | 'action'>>>> = {
  superseded: {
    advice: 'The session was called from another place. Call again to take it back.',
    action: 'retry',
  },
  control_plane_unavailable: {
    advice: 'Is the service running? Start it, then call again.',
    action: 'retry',
  },
  capacity_exhausted: { advice: 'All places are taken. Wait a moment and call again.', action: 'retry' },
  provider_config: {
    advice: 'The server’s model credentials or settings need attention.',
    action: undefined,
  },
  rate_limited: { advice: 'Slow down a little.', action: undefined },
};

const DEVICE_ADVICE: Readonly<Record<DeviceProblem, string>> = {
  insecure: 'Browsers give it only to pages on https or localhost. Open this page at such an address.',
  denied: 'Allow it for this page in the address bar, then try again. You can type instead.',
  missing: 'None was found. Connect one, then try again. You can type instead.',
  busy: 'Another application is using it. Close that, then try again.',
  failed: 'It could not be started. Connect it again, then try once more. You can type instead.',
};

export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof DeviceError) {
    return {
      title: `No access to the ${thrown.device}`,
      advice: DEVICE_ADVICE[thrown.problem],
      action: undefined,
    };
  }
  const error = toParleyError(thrown);
  return problemOfCode(error.code, error.message);
}

/** Undefined for an end that nobody needs to hear about. */
export function problemOfEnd(end: CallEnd): Problem | undefined {
  if (end.error) return problemOfCode(end.error.code, end.error.message);
  if (end.code === 1000 && (end.ended === undefined || end.ended === 'client' || end.ended === 'agent')) {
    return undefined;
  }
  const { advice, action } = end.canResume ? ADVICE.resume : ADVICE.new_session;
  return { title: `The call was cut off (${end.reason || end.ended || `code ${end.code}`})`, advice, action };
}

export function problemOfCode(code: ErrorCode, title: string): Problem {
  return { title, ...(ADVICE_BY_CODE[code] ?? ADVICE[ERROR_TABLE[code].advice]) };
}
