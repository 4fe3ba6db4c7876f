/**
 * A time in the first eight bytes of a piece of audio: nanoseconds of the machine's monotonic clock, which all
 * processes of one machine share.
 */
export const STAMP_BYTES = 8;

export function writeStamp(into: Buffer, at: number): void {
  into.writeBigUInt64LE(process.hrtime.bigint(), at);
}

export function millisecondsSince(stamped: Buffer, at: number): number {
  return Number(process.hrtime.bigint() - stamped.readBigUInt64LE(at)) / 1e6;
}
