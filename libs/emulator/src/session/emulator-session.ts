import { decodeClientMessage, type ClientMessage } from '../codec/client-message.js';
import type { ServerMessage } from '../codec/server-message.js';
import type { Setup } from '../codec/setup.js';
import { NO_WIRE, type WireControl } from '../scenario/performance.js';
import { markedScenario, type ScenarioPlan } from '../scenario/scenario-plan.js';
import type { Scenario } from '../scenario/scenario.js';
import { ScenarioSession } from '../scenario/scenario-session.js';
import { ScenarioWatch } from '../scenario/scenario-watch.js';
import type { Behaviour } from './behaviour.js';
import {
  CLOSE_REASONS,
  modelNotFound,
  reasonOfBadMessage,
  scenarioNotFound,
  type CloseReason,
} from './close-reason.js';
import { LiveSession } from './live-session.js';
import { bareModelName, profileNamed, profileOfModel, type ModelProfile } from './model-profile.js';
import type { SessionSnapshot } from './resumption-store.js';
import { SessionAge } from './session-age.js';
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
  /** The rules of the scenario, if it has any. */
  readonly script?: ScenarioPlan['script'];
  /** The scenario that a system instruction asks for; without this none is looked for in it. */
  readonly planNamed?: (name: string) => ScenarioPlan | undefined;
  /** Answers which frame to take in place of a client's, or why the connection ends. */
  readonly gate?: (frame: string) => string | CloseReason;
  /** What scripts do to the connection; without it they do nothing to it. */
  readonly wire?: WireControl;
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
  | { readonly kind: 'live'; readonly setup: Setup; readonly live: LiveSession; readonly watch: Watch }
  | { readonly kind: 'scripted'; readonly setup: Setup; readonly scripted: ScenarioSession }
  | { readonly kind: 'closed' };

type Watch = ScenarioWatch | undefined;

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
  #plan: Pick<ScenarioPlan, 'behaviour' | 'script'> & { readonly name?: string };
  #phase: Phase = { kind: 'awaitingSetup' };
  #calls = 0;

  constructor(options: EmulatorSessionOptions) {
    this.#options = options;
    this.#plan = { behaviour: options.behaviour, script: options.script };
  }

  /** The scenario that the system instruction asked for. */
  get markedScenario(): string | undefined {
    return this.#plan.name;
  }

  /** Undefined until a setup was accepted. */
  get setup(): Setup | undefined {
    return 'setup' in this.#phase ? this.#phase.setup : undefined;
  }

  /** The part that lives from `setupComplete` on. */
  get live(): LiveSession | undefined {
    return this.#phase.kind === 'live' ? this.#phase.live : undefined;
  }

  /** The same where the scenario is exact. */
  get scripted(): ScenarioSession | undefined {
    return this.#phase.kind === 'scripted' ? this.#phase.scripted : undefined;
  }

  get #watch(): Watch {
    return this.#phase.kind === 'live' ? this.#phase.watch : undefined;
  }

  /** One text frame of the client. */
  onFrame(frame: string): void {
    if (this.#phase.kind === 'closed') return;
    const text = this.#options.gate?.(frame) ?? frame;
    if (typeof text !== 'string') return this.hangUp(text);
    let message: ClientMessage;
    try {
      message = decodeClientMessage(text);
    } catch (thrown) {
      this.hangUp(reasonOfBadMessage(thrown));
      return;
    }
    if (this.scripted) this.scripted.accept(message, text);
    else if (!this.#watch?.accept(message, text)) this.#accept(message);
  }

  hangUp(reason: CloseReason): void {
    if (this.#phase.kind === 'closed') return;
    this.close();
    this.#options.hangUp(reason);
  }

  /** The connection is gone. */
  close(): void {
    this.#watch?.close();
    this.live?.close();
    this.scripted?.close();
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
      case 'scripted':
      case 'closed':
    }
  }

  #setUp(setup: Setup): void {
    const { planNamed, version, owner, environment } = this.#options;
    const marked = planNamed && markedScenario(setup.systemInstruction);
    const plan = marked === undefined ? this.#plan : planNamed?.(marked);
    if (!plan) return this.hangUp(scenarioNotFound(marked ?? ''));
    this.#plan = plan;
    const { behaviour, script } = plan;
    const byModel = profileOfModel(setup.model);
    const profile = behaviour.profile ? profileNamed(behaviour.profile) : byModel;
    if (!profile) return this.hangUp(modelNotFound(setup.model, version));
    const refused = refuseSetup(setup, profile, this.#options.api);
    if (refused) return this.hangUp(refused);
    if (script?.exact) return this.#playScript(setup, script);
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
    if (snapshot.model !== bareModelName(setup.model) || snapshot.profile !== profile.name) {
      return this.hangUp(CLOSE_REASONS.invalidArgument);
    }
    if (this.#isOver(setup, snapshot)) return this.hangUp(CLOSE_REASONS.entityNotFound);
    this.#goLive(setup, profile, snapshot);
    for (const message of waiting) this.#accept(message);
  }

  /** The session, over all its connections, is older than it may get. */
  #isOver(setup: Setup, { age }: SessionSnapshot): boolean {
    const { environment } = this.#options;
    const { behaviour } = this.#plan;
    const endless = setup.compression !== undefined;
    return new SessionAge({ clock: environment.clock, behaviour, endless, restored: age }).leftMs === 0;
  }

  #goLive(setup: Setup, profile: ModelProfile, restored: SessionSnapshot | undefined): void {
    const { id, api, send, wire = NO_WIRE } = this.#options;
    const { script } = this.#plan;
    send({ setupComplete: api === 'vertex' ? { sessionId: id } : {} });
    const newCallId = (): string => this.#newCallId();
    const watch =
      script &&
      new ScenarioWatch({
        ...this.#options,
        script,
        wire,
        newCallId,
        send: (message) => send(message),
      });
    const live = new LiveSession({
      ...this.#options,
      environment: watch?.environment ?? this.#options.environment,
      behaviour: this.#plan.behaviour,
      setup,
      profile,
      restored,
      newCallId,
      hangUp: (reason) => this.hangUp(reason),
    });
    this.#phase = { kind: 'live', setup, live, watch };
    watch?.begin((reply) => live.inject(reply));
  }

  #playScript(setup: Setup, script: Scenario): void {
    const { id, api, send, wire = NO_WIRE } = this.#options;
    const scripted = new ScenarioSession({
      ...this.#options,
      behaviour: this.#plan.behaviour,
      wire,
      setup,
      script,
      newCallId: () => this.#newCallId(),
      send: (message) => send(message),
    });
    this.#phase = { kind: 'scripted', setup, scripted };
    if (script.setupComplete === 'automatic') {
      send({ setupComplete: api === 'vertex' ? { sessionId: id } : {} });
    }
    scripted.begin();
  }

  /** Unique within the session's connection; digits on the Gemini API, a UUID on Vertex. */
  #newCallId(): string {
    this.#calls += 1;
    if (this.#options.api === 'vertex') return this.#newUuid();
    const digits = Math.floor(this.#options.random() * 1e15);
    return `function-call-${digits}${String(this.#calls).padStart(4, '0')}`;
  }

  #newUuid(): string {
    const hex = Array.from({ length: 32 }, () => Math.floor(this.#options.random() * 16).toString(16)).join(
      '',
    );
    return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
  }
}
