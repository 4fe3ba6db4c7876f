import { LINK_HEADER_BYTES, writeLinkHeader, type LinkFrameHeader } from '../link-frame.js';

/** The bytes of one link frame, for tests that speak the link by hand. */
export function linkFrame(
  header: Partial<Omit<LinkFrameHeader, 'length'>> & Pick<LinkFrameHeader, 'type'>,
  payload: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const bytes = new Uint8Array(LINK_HEADER_BYTES + payload.byteLength);
  const complete = { chan: 0, epochLo: 0, turn: 0, seq: 0, ...header, length: payload.byteLength };
  writeLinkHeader(bytes, 0, complete);
  bytes.set(payload, LINK_HEADER_BYTES);
  return bytes;
}
