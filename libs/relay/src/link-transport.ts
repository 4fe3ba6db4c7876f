export interface TransportHandlers {
  /** `chunk` is valid during the call only. */
  onData(chunk: Uint8Array): void;
  /** After `write` answered false: everything has left, write again. */
  onWritable(): void;
  /** Once: end of stream, reset, or `destroy`. Nothing follows. */
  onEnd(): void;
}

/** An ordered stream of bytes to the other pod, as a link needs it. TCP in production, memory in unit tests. */
export interface LinkTransport {
  /** Sets the handlers, once; nothing is delivered before. */
  start(handlers: TransportHandlers): void;
  /**
   * Takes `segments` whole. True when they have left and the memory may be reused; false when some still waits:
   * then neither touch them nor write again until `onWritable`.
   */
  write(segments: readonly Uint8Array[]): boolean;
  /** Runs `flush` once, when what this tick has to send has been handed in. */
  schedule(flush: () => void): void;
  /** Sends what was written, then hangs up. */
  end(): void;
  /** Hangs up at once. Idempotent. */
  destroy(): void;
}
