/** Whether a process takes work now. Never tied to Redis or the provider: a busy process is not a dead one. */
export interface Readiness {
  /** Undefined when ready, else why not. */
  notReady(): string | undefined;
}
