import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../support/until.js';
import type { Conversation } from './conversation.js';
import type { Json, Run, Side, StartOptions, UserRequest } from './side.js';

const PEER = fileURLToPath(new URL('./adk-peer.mjs', import.meta.url));

type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'event'; readonly event: Json }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unhandled'; readonly message: string }
  | { readonly kind: 'ended'; readonly threw?: string }
  | { readonly kind: 'stored'; readonly events: readonly Json[] };

/**
 * `@google/adk` in a process of its own, which serves one run at a time. Owns the process: a run that was abandoned
 * takes it along, and the next run gets a new one.
 */
export class AdkSide implements Side {
  readonly name = 'adk';
  #peer: Peer | undefined;

  async start({ agent, runConfig = {}, resumeWith }: Conversation, options: StartOptions): Promise<Run> {
    if (!this.#peer || this.#peer.gone) this.#peer = new Peer();
    await this.#peer.ready();
    return new AdkRun(this.#peer, { app: agent, runConfig, resumeWith, ...options });
  }

  close(): void {
    this.#peer?.end();
  }
}

class Peer {
  readonly #child: ChildProcess = fork(PEER, {
    // Nothing of the caller's: ADK would go by their project, key and address.
    env: { GOOGLE_GENAI_API_KEY: 'emulated' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  #ready = false;
  onTold: (told: Told) => void = () => undefined;

  constructor() {
    this.#child.on('message', (message) => {
      const told = message as Told;
      if (told.kind === 'ready') this.#ready = true;
      else this.onTold(told);
    });
  }

  /** Loading ADK takes seconds, on a busy machine many. */
  ready(): Promise<void> {
    return until('ADK is loaded', () => this.#ready, 60_000);
  }

  get gone(): boolean {
    return !this.#child.connected;
  }

  ask(order: Json): void {
    if (!this.gone) this.#child.send(order);
  }

  end(): void {
    this.#child.kill('SIGKILL');
    if (!this.gone) this.#child.disconnect();
  }
}

class AdkRun implements Run {
  readonly events: Json[] = [];
  readonly remarks: string[] = [];
  ended: { readonly threw?: string } | undefined;
  readonly #peer: Peer;
  #stored: readonly Json[] | undefined;

  constructor(peer: Peer, order: Json) {
    this.#peer = peer;
    peer.onTold = (told) => this.#hear(told);
    peer.ask({ kind: 'start', ...order });
  }

  send(request: UserRequest): void {
    this.#peer.ask({ kind: 'send', request });
  }

  release(): void {
    this.#peer.ask({ kind: 'release' });
  }

  closeQueue(): void {
    this.#peer.ask({ kind: 'close' });
  }

  abort(): void {
    this.#peer.ask({ kind: 'abort' });
  }

  async stored(): Promise<readonly Json[]> {
    this.#stored = undefined;
    this.#peer.ask({ kind: 'stored' });
    await until('ADK says what it stored', () => this.#stored !== undefined);
    return this.#stored ?? [];
  }

  abandon(): void {
    this.#peer.end();
  }

  #hear(told: Told): void {
    switch (told.kind) {
      case 'ready':
        return;
      case 'event':
        this.events.push(told.event);
        return;
      case 'refused':
        this.remarks.push('refused');
        return;
      case 'unhandled':
        this.remarks.push(`unhandled rejection: ${told.message}`);
        return;
      case 'ended':
        this.ended = told.threw === undefined ? {} : { threw: told.threw };
        return;
      case 'stored':
        this.#stored = told.events;
    }
  }
}
