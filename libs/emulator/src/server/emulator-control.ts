import { ParleyError } from '@parley/kernel';
import { completeFault, type Fault } from '../fault/fault.js';
import type { FaultPlan, FaultRule } from '../fault/fault-plan.js';
import type { TranscriptLine, Transcripts } from '../session/transcript.js';
import type { SessionConnection } from './session-connection.js';
import type { EmulatedSession } from './emulated-session.js';

/** Steers a running emulator from outside. Whatever names a session throws `session_not_found` when none is open. */
export interface EmulatorControl {
  /** Open sessions, oldest first. */
  sessions(): readonly EmulatedSession[];
  session(id: string): EmulatedSession;
  /** Makes the model say this now, interrupting its turn. */
  say(id: string, text: string): void;
  /** Makes the model call this now. */
  call(id: string, name: string, args: Readonly<Record<string, unknown>>): void;
  /** Announces the end of the connection and ends it then; 0 at once. */
  goAway(id: string, options?: { readonly timeLeftMs?: number }): void;
  /** Closes the WebSocket; default 1011, internal error. */
  close(id: string, options?: { readonly code?: number; readonly reason?: string }): void;
  /** Resets the TCP connection. */
  drop(id: string): void;
  /** Makes something go wrong now; faults of the handshake come too late and do nothing. */
  strike(id: string, fault: Fault): void;
  /** What goes wrong in the sessions from now on, besides what their scenarios say. */
  setFaults(rules: readonly FaultRule[]): void;
  readonly faults: readonly FaultRule[];
  /**
   * What was said in a session over all its connections, as the newest of them remembers it: what was said after
   * the snapshot that was resumed is not in it.
   */
  transcriptOf(lineage: string): readonly TranscriptLine[];
}

const GO_AWAY_MS = 60_000;

export class ConnectionControl implements EmulatorControl {
  readonly #open: ReadonlySet<SessionConnection>;
  readonly #plan: FaultPlan;
  readonly #transcripts: Transcripts;

  constructor(open: ReadonlySet<SessionConnection>, plan: FaultPlan, transcripts: Transcripts) {
    this.#open = open;
    this.#plan = plan;
    this.#transcripts = transcripts;
  }

  get faults(): readonly FaultRule[] {
    return this.#plan.rules;
  }

  sessions(): readonly EmulatedSession[] {
    return [...this.#open];
  }

  session(id: string): EmulatedSession {
    return this.#connection(id);
  }

  say(id: string, text: string): void {
    this.#connection(id).inject({ say: text });
  }

  call(id: string, name: string, args: Readonly<Record<string, unknown>>): void {
    this.#connection(id).inject({ calls: [{ name, args }] });
  }

  goAway(id: string, { timeLeftMs = GO_AWAY_MS } = {}): void {
    this.#connection(id).goAway(timeLeftMs);
  }

  close(id: string, { code = 1011, reason = 'Internal error encountered.' } = {}): void {
    this.#connection(id).hangUp(code, reason);
  }

  drop(id: string): void {
    this.#connection(id).reset();
  }

  strike(id: string, fault: Fault): void {
    this.#connection(id).strike(completeFault(fault));
  }

  setFaults(rules: readonly FaultRule[]): void {
    this.#plan.set(rules);
  }

  transcriptOf(lineage: string): readonly TranscriptLine[] {
    return this.#transcripts.of(lineage);
  }

  #connection(id: string): SessionConnection {
    for (const connection of this.#open) if (connection.id === id) return connection;
    throw new ParleyError('session_not_found', 'No open session has this id.', {
      kind: 'not_found',
      details: { id },
    });
  }
}
