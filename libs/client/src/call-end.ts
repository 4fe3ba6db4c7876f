import { ParleyError, type ErrorCode } from '@parley/kernel';
import { CLOSE_NORMAL, ERROR_TABLE, type EndReason, type WireError } from '@parley/wire';
import type { TransportEnd } from './transport.js';

export interface CallEnd {
  /** The WebSocket close code, also where the transport has none (then the one of the last error). */
  readonly code: number;
  readonly reason: string;
  /** The error that ended the call, if one did. */
  readonly error: WireError | undefined;
  /** What the server gave as reason of a regular end. */
  readonly ended: EndReason | undefined;
  /** Whether the same session can be called again, perhaps after a while. */
  readonly canResume: boolean;
}

interface Said {
  readonly error: WireError | undefined;
  readonly ended: EndReason | undefined;
}

/** Puts together how a call ended from the close of its line and from what the server had said before. */
export function callEnd(line: TransportEnd, said: Said): CallEnd {
  const { error, ended } = said;
  const unsaid = error ? ERROR_TABLE[error.code].close : ended ? CLOSE_NORMAL : 1006;
  const code = line.code ?? unsaid;
  return { code, reason: error?.message ?? line.reason, error, ended, canResume: canCallAgain(code, said) };
}

/** The end of a call that never became live, as an error for whoever waits for it. */
export function connectError(end: CallEnd): ParleyError {
  if (end.error) {
    const { code, message, retryable, retryAfterMs, details } = end.error;
    return new ParleyError(code, message, {
      kind: 'unavailable',
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(details === undefined ? {} : { details }),
    });
  }
  const why = end.reason || `close code ${end.code}`;
  return new ParleyError('control_plane_unavailable', `The call could not be opened (${why}).`, {
    kind: 'unavailable',
    retryable: true,
  });
}

/** WebSocket closes by networks, proxies and restarting servers: nothing is wrong with the session. */
const NETWORK_CLOSES: ReadonlySet<number> = new Set([1001, 1005, 1006, 1012, 1013, 1014]);

/** Whether a call whose line ended so is still there, and can be taken up on another line. */
export function mayGoOn({ code, error, ended }: CallEnd): boolean {
  if (error) return error.retryable && resumable(error.code);
  return ended === undefined && code !== CLOSE_NORMAL && resumableClose(code);
}

/** The last error says, else the server's reason, else the close code: one that several errors share counts as
 * resumable when one of them is. */
function canCallAgain(code: number, said: Said): boolean {
  if (said.error) return resumable(said.error.code);
  if (said.ended) return said.ended !== 'superseded' && said.ended !== 'max' && said.ended !== 'idle';
  return code === CLOSE_NORMAL || resumableClose(code);
}

function resumableClose(code: number): boolean {
  if (NETWORK_CLOSES.has(code)) return true;
  return (Object.keys(ERROR_TABLE) as ErrorCode[]).some(
    (known) => ERROR_TABLE[known].close === code && resumable(known),
  );
}

function resumable(code: ErrorCode): boolean {
  const { advice } = ERROR_TABLE[code];
  return advice === 'resume' || advice === 'retry';
}
