import { ERROR_CODES, type ErrorCode } from '@parley/kernel';
import { CLOSE_REASONS, type CloseReason } from './frame-channel.js';
import { decodeFields, encodeFields } from './link-fields.js';

/**
 * The payloads of the frames that set links and channels up and end them. Decoders answer undefined for what
 * is not such a payload; fields behind the known ones are ignored.
 */
export interface Hello {
  readonly version: number;
  readonly gatewayId: string;
  /** Whom the gateway means to talk to. */
  readonly workerId: string;
  readonly nonce: string;
  readonly capabilities: readonly string[];
  readonly token: string;
}

export interface Welcome {
  readonly version: number;
  readonly workerId: string;
  readonly incarnation: string;
  readonly capabilities: readonly string[];
  readonly proof: string;
}

export interface Refusal {
  readonly code: ErrorCode;
  /** Safe to show to a caller. */
  readonly message: string;
  readonly retryAfterMs?: number;
}

export interface OpenMessage {
  readonly liveId: string;
  readonly epoch: number;
  readonly attach: number;
  /** Media bytes that the worker may send before it gets credit. */
  readonly mediaWindowBytes: number;
  /** A view; copy what is kept. */
  readonly payload: Uint8Array;
}

export function encodeChallenge(nonce: string): Uint8Array {
  return encodeFields([nonce]);
}

export function decodeChallenge(bytes: Uint8Array): string | undefined {
  return decodeFields(bytes, 1)?.fields[0];
}

export function encodeHello(hello: Hello): Uint8Array {
  const { version, gatewayId, workerId, nonce, capabilities, token } = hello;
  return encodeFields([String(version), gatewayId, workerId, nonce, joinNames(capabilities), token]);
}

export function decodeHello(bytes: Uint8Array): Hello | undefined {
  const [version, gatewayId, workerId, nonce, capabilities, token] = decodeFields(bytes, 6)?.fields ?? [];
  const number = parseWhole(version);
  if (number === undefined || !gatewayId || !workerId || !nonce || !token) return undefined;
  return { version: number, gatewayId, workerId, nonce, capabilities: splitNames(capabilities), token };
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  const { version, workerId, incarnation, capabilities, proof } = welcome;
  return encodeFields([String(version), workerId, incarnation, joinNames(capabilities), proof]);
}

export function decodeWelcome(bytes: Uint8Array): Welcome | undefined {
  const [version, workerId, incarnation, capabilities, proof] = decodeFields(bytes, 5)?.fields ?? [];
  const number = parseWhole(version);
  if (number === undefined || !workerId || !incarnation || !proof) return undefined;
  return { version: number, workerId, incarnation, capabilities: splitNames(capabilities), proof };
}

const MAX_MESSAGE_CHARS = 1_000;

/** Of a reject and of a refused frame. A message that would not fit is cut. */
export function encodeRefusal(refusal: Refusal): Uint8Array {
  const { code, message, retryAfterMs } = refusal;
  return encodeFields([code, message.slice(0, MAX_MESSAGE_CHARS), String(retryAfterMs ?? '')]);
}

/** A code that this side doesn't know becomes `internal`: the peer may be newer. */
export function decodeRefusal(bytes: Uint8Array): Refusal | undefined {
  const [code, message, retryAfter] = decodeFields(bytes, 3)?.fields ?? [];
  if (code === undefined || message === undefined) return undefined;
  const retryAfterMs = parseWhole(retryAfter);
  const known = ERROR_CODES.find((candidate) => candidate === code) ?? 'internal';
  return { code: known, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export function encodeOpen(open: OpenMessage): Uint8Array {
  const { liveId, epoch, attach, mediaWindowBytes, payload } = open;
  return encodeFields([liveId, String(epoch), String(attach), String(mediaWindowBytes)], payload);
}

export function decodeOpen(bytes: Uint8Array): OpenMessage | undefined {
  const decoded = decodeFields(bytes, 4);
  if (decoded === undefined) return undefined;
  const [liveId] = decoded.fields;
  const [epoch, attach, mediaWindowBytes] = decoded.fields.slice(1).map(parseWhole);
  if (!liveId || epoch === undefined || attach === undefined || !mediaWindowBytes) return undefined;
  return { liveId, epoch, attach, mediaWindowBytes, payload: decoded.rest };
}

export function encodeClose(reason: CloseReason): Uint8Array {
  return encodeFields([reason]);
}

/** A reason that this side doesn't know becomes `ended`: the peer may be newer. */
export function decodeClose(bytes: Uint8Array): CloseReason | undefined {
  const reason = decodeFields(bytes, 1)?.fields[0];
  if (reason === undefined) return undefined;
  return CLOSE_REASONS.find((candidate) => candidate === reason) ?? 'ended';
}

function joinNames(names: readonly string[]): string {
  return names.join(',');
}

function splitNames(joined: string | undefined): readonly string[] {
  return joined ? joined.split(',') : [];
}

/** A whole number from 0 to 2^53 - 1 in decimal digits. */
function parseWhole(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
