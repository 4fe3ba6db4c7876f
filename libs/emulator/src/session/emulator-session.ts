import { decodeClientMessage, type ClientMessage } from '../codec/client-message.js';
import type { ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import type { Behaviour } from './behaviour.js';
import { CLOSE_REASONS, modelNotFound, reasonOfBadMessage, type CloseReason } from './close-reason.js';
import { LiveSession } from './live-session.js';
import { bareModelName, profileNamed, profileOfModel, type ModelProfile } from './model-profile.js';
import type { SessionSnapshot } from './resumption-store.js';
import type { SessionEnvironment } from './session-environment.js';
import { refuseSetup } from './setup-rules.js';

export interface EmulatorSessionOptions {
  readonly id: string;
  readonly api: 'gemini' | 'vertex';
  /** Such as v1beta; named in the refusal of a model. */
  readonly version: string;
  /** Who may resume this session. */
  readonly owner: string;
  readonly behaviour: Behaviour;
  readonly environment: SessionEnvironment;
  /** 0…1, seeded per session. */
  readonly random: () => number;
  readonly send: (message: ServerMessage) => void;
  /** Ends the connection. */
  readonly hangUp: (reason: CloseReason) => void;
}

type Phase =
  | { readonly kind: 'awaitingSetup' }
  | { readonly kind: 'restoring'; readonly setup: Setup; readonly waiting: ClientMessage[] }
  | { readonly kind: 'live'; readonly setup: Setup; readonly live: LiveSession }
  | { readonly kind: 'closed' };

const MAX_WAITING = 256;

/**
 * One connection as Google's server sees it: frames in, messages and a close out. Knows no socket, and takes all
 * time from the environment's clock.
 *
 * 1. The first message must be a setup; nothing is sent before it was accepted, and then `setupComplete` first.
 * 2. A message that can't be decoded or that the model would refuse hangs up with Google's code and reason.
 * 3. Hangs up at most once; after that and after `close` nothing is sent.
 */
export class EmulatorSession {
  readonly #options: EmulatorSessionOptions;
  #phase: Phase = { kind: 'awaitingSetup' };
  #calls = 0;

  constructor(options: EmulatorSessionOptions) {
    this.#options = options;
  }

  /** Undefined until a setup was accepted. */
  get setup(): Setup | undefined {
    return 'setup' in this.#phase ? this.#phase.setup : undefined;
  }

  /** The part that lives from `setupComplete` on. */
  get live(): LiveSession | undefined {
    return this.#phase.kind === 'live' ? this.#phase.live : undefined;
  }

  /** One text frame of the client. */
  onFrame(text: string): void {
    if (this.#phase.kind === 'closed') return;
    let message: ClientMessage;
    try {
      message = decodeClientMessage(text);
    } catch (thrown) {
      this.hangUp(reasonOfBadMessage(thrown));
      return;
    }
    this.#accept(message);
  }

  hangUp(reason: CloseReason): void {
    if (this.#phase.kind === 'closed') return;
    this.close();
    this.#options.hangUp(reason);
  }

  /** The connection is gone. */
  close(): void {
    this.live?.close();
    this.#phase = { kind: 'closed' };
  }

  #accept(message: ClientMessage): void {
    switch (this.#phase.kind) {
      case 'awaitingSetup':
        if (message.kind === 'setup') this.#setUp(message.setup);
        else this.hangUp(CLOSE_REASONS.setupExpected);
        return;
      case 'restoring':
        // A client must not speak before setupComplete; one that does may not fill our memory.
        if (this.#phase.waiting.length < MAX_WAITING) this.#phase.waiting.push(message);
        return;
      case 'live': {
        const refused = this.#phase.live.accept(message);
        if (refused) this.hangUp(refused);
        return;
      }
      case 'closed':
    }
  }

  #setUp(setup: Setup): void {
    const { behaviour, version, owner, environment } = this.#options;
    const byModel = profileOfModel(setup.model);
    const profile = behaviour.profile ? profileNamed(behaviour.profile) : byModel;
    if (!profile) return this.hangUp(modelNotFound(setup.model, version));
    const refused = refuseSetup(setup, profile);
    if (refused) return this.hangUp(refused);
    if (behaviour.setupAnswer === 'never') return;
    const handle = setup.resumption?.handle;
    if (handle === undefined) return this.#goLive(setup, profile, undefined);
    this.#phase = { kind: 'restoring', setup, waiting: [] };
    environment.resumption.load(owner, handle).then(
      (snapshot) => this.#restore(setup, profile, snapshot),
      (error: unknown) => {
        environment.log.warn('a resumption snapshot could not be loaded', { error });
        this.hangUp(CLOSE_REASONS.internal);
      },
    );
  }

  #restore(setup: Setup, profile: ModelProfile, snapshot: SessionSnapshot | undefined): void {
    if (this.#phase.kind !== 'restoring') return;
    const { waiting } = this.#phase;
    if (!snapshot) return this.hangUp(CLOSE_REASONS.entityNotFound);
    if (snapshot.model !== bareModelName(setup.model)) return this.hangUp(CLOSE_REASONS.invalidArgument);
    this.#goLive(setup, profile, snapshot);
    for (const message of waiting) this.#accept(message);
  }

  #goLive(setup: Setup, profile: ModelProfile, restored: SessionSnapshot | undefined): void {
    const { id, api, send } = this.#options;
    send({ setupComplete: api === 'vertex' ? { sessionId: id } : {} });
    const live = new LiveSession({
      ...this.#options,
      setup,
      profile,
      restored,
      newCallId: () => this.#newCallId(),
      hangUp: (reason) => this.hangUp(reason),
    });
    this.#phase = { kind: 'live', setup, live };
  }

  /** Unique within the session's connection; digits as Google's are. */
  #newCallId(): string {
    this.#calls += 1;
    const digits = Math.floor(this.#options.random() * 1e15);
    return `function-call-${digits}${String(this.#calls).padStart(4, '0')}`;
  }
}
