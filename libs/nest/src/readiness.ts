/** Whether a process takes work now. Never tied to Redis or the provider: a busy process is not a dead one. */
export interface Readiness {
  /**
   * Undefined when ready, else why not. With a `scope` that the process knows, whether that part of its work can be done
   * now: for people and alerts, because no load balancer is to act on it.
   */
  notReady(scope?: string): string | undefined;
}
