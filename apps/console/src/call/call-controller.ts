import { browserTransport, Camera, ParleyApi, ParleyClient, Player, type CallEnd } from '@parley/client';
import { ParleyError } from '@parley/kernel';
import { forgetApiKey, keepApiKey } from '../access/api-key.js';
import { DevApi } from '../access/dev-api.js';
import { visitorId } from '../access/visitor.js';
import { INITIAL_STATE } from './call-state.js';
import { CallStore } from './call-store.js';
import { followCall } from './follow-call.js';
import { MicrophoneSwitch } from './microphone-switch.js';
import { problemOf, problemOfEnd } from './problem.js';
import { settled, withMark } from './transcript.js';

/**
 * What the page can do: it owns the call, the loudspeaker, the microphone and the camera, and tells the store.
 *
 * 1. There is at most one call; opening one while another is being opened waits for that.
 * 2. A call that ends switches the microphone and the camera off.
 * 3. A session is kept over its calls until `newSession` or another agent is chosen.
 */
export class CallController {
  readonly store = new CallStore();
  readonly #microphone = new MicrophoneSwitch();
  #api: ParleyApi | undefined;
  #dev: DevApi | undefined;
  #key: string | undefined;
  #client: ParleyClient | undefined;
  #player: Player | undefined;
  #camera: Camera | undefined;
  #opening: Promise<ParleyClient | undefined> | undefined;
  #lateFramesBefore = 0;

  /** Loudness of the microphone and of the agent now, 0…1. */
  readonly microphoneRms = (): number => this.#microphone.rms();
  readonly playerRms = (): number => this.#player?.rms() ?? 0;

  lateFrames(): number {
    return this.#lateFramesBefore + (this.#client?.stats.lateFrames ?? 0);
  }

  /** Uses the key and asks for the agents; without one, or with one that is refused, asks for a key. */
  async useKey(key: string | undefined): Promise<void> {
    if (key === undefined) return this.store.change({ needsKey: true });
    this.#key = key;
    keepApiKey(key);
    this.#api = new ParleyApi({ baseUrl: location.origin, apiKey: key });
    this.#dev = new DevApi(key);
    try {
      const agents = await this.#api.listAgents();
      const agent = agents.some(({ name }) => name === this.store.read().agent)
        ? this.store.read().agent
        : agents[0]?.name;
      this.store.change({ agents, agent, needsKey: false, problem: undefined });
      this.store.change({ development: await this.#dev.isOn() });
    } catch (thrown) {
      if (!isKeyProblem(thrown)) return this.store.change({ problem: problemOf(thrown), needsKey: false });
      forgetApiKey();
      this.store.change({ needsKey: true, problem: problemOf(thrown) });
    }
  }

  async chooseAgent(agent: string): Promise<void> {
    if (agent === this.store.read().agent) return;
    await this.newSession();
    this.store.change({ agent });
  }

  /** Microphone on or off; on begins a call where there is none. Must be called from a click or a key. */
  async toggleTalk(): Promise<void> {
    if (this.store.read().microphone !== 'off') return this.#mute();
    this.store.change({ microphone: 'opening', problem: undefined });
    const [opened] = await Promise.allSettled([this.#openMicrophone(), this.#ensureCall()]);
    if (opened.status === 'rejected') {
      this.store.change({ microphone: 'off', problem: problemOf(opened.reason) });
    } else if (this.store.read().connection !== 'live') {
      this.#mute();
    }
  }

  /** Sends a line, in a call that is opened for it if need be. False: it was not sent. */
  async sendText(text: string): Promise<boolean> {
    const client = await this.#ensureCall();
    return client?.sendText(text) ?? false;
  }

  interrupt(): void {
    this.#client?.interrupt();
  }

  hangUp(): void {
    this.#client?.end();
  }

  /** Ends the process that runs this call, to see it go on elsewhere. */
  async killWorker(): Promise<void> {
    const { ready, connection } = this.store.read();
    if (!this.#dev || !ready || connection !== 'live') return;
    this.store.change({ outage: { state: 'worker-lost' } });
    if (await this.#dev.crashWorker(ready.liveId)) return;
    this.store.change({
      outage: undefined,
      problem: { title: 'The worker was not killed', advice: 'The server did not do it.', action: undefined },
    });
  }

  /** Calls the session again, after a call was cut off. */
  async callAgain(): Promise<void> {
    if (this.store.read().agents === undefined) {
      this.store.change({ problem: undefined });
      return this.useKey(this.#key);
    }
    await this.#ensureCall();
  }

  /** Hangs up, if need be, and forgets the session and what was said. */
  async newSession(): Promise<void> {
    await this.#opening;
    const client = this.#client;
    client?.end();
    await client?.closed;
    const { agents, agent, call, development } = this.store.read();
    this.store.change({ ...INITIAL_STATE, agents, agent, call, development, lateFrames: this.lateFrames() });
  }

  async toggleCamera(): Promise<void> {
    if (this.#camera) return this.#stopCamera();
    try {
      this.#camera = await Camera.open({
        onFrame: (jpeg) => this.#client?.sendImage(jpeg),
        onLost: () => this.#stopCamera(),
      });
      this.store.change({ camera: this.#camera.stream });
    } catch (thrown) {
      this.store.change({ problem: problemOf(thrown) });
    }
  }

  dismissProblem(): void {
    this.store.change({ problem: undefined });
  }

  askForKey(): void {
    this.store.change({ needsKey: true, problem: undefined });
  }

  #ensureCall(): Promise<ParleyClient | undefined> {
    if (this.#client && isUnderWay(this.#client)) return Promise.resolve(this.#client);
    this.#opening ??= this.#openCall().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openCall(): Promise<ParleyClient | undefined> {
    const { agent, sessionId, call: calls } = this.store.read();
    const api = this.#api;
    if (!api || !agent) {
      this.store.change({ needsKey: !api });
      return undefined;
    }
    const call = calls + 1;
    this.store.change({
      connection: 'connecting',
      call,
      problem: undefined,
      firstAudio: [],
      ready: undefined,
    });
    try {
      const player = (this.#player ??= await Player.open());
      const grant = await api.createSession({
        agent,
        userId: visitorId(),
        ...(sessionId === undefined ? {} : { sessionId }),
      });
      this.store.change({ sessionId: grant.sessionId });
      const client = new ParleyClient({
        dial: () => browserTransport(grant.urls.webSocket),
        token: grant.clientToken,
      });
      // The loudspeaker first: it falls silent before the page does its work about an interruption.
      const stopPlaying = player.follow(client);
      followCall(client, this.store, call);
      void client.closed.then((end) => {
        stopPlaying();
        this.#ended(client, call, end);
      });
      this.#client = client;
      await client.connect();
      this.#microphone.connect(client);
      return client;
    } catch (thrown) {
      const again = this.store.read().sessionId === undefined ? 'idle' : 'ended';
      this.store.change({ connection: again, problem: problemOf(thrown), needsKey: isKeyProblem(thrown) });
      return undefined;
    }
  }

  #ended(client: ParleyClient, call: number, end: CallEnd): void {
    if (client !== this.#client) return;
    this.#lateFramesBefore += client.stats.lateFrames;
    this.#client = undefined;
    this.#microphone.connect(undefined);
    this.#mute();
    this.#stopCamera();
    const wasLive = this.store.read().connection === 'live';
    this.store.change(({ transcript, problem }) => ({
      connection: 'ended',
      speaking: 'listening',
      outage: undefined,
      problem: problemOfEnd(end) ?? problem,
      transcript: wasLive
        ? withMark(settled(transcript), `${call}:ended`, 'Call ended')
        : settled(transcript),
    }));
  }

  async #openMicrophone(): Promise<void> {
    const isOn = await this.#microphone.on(() => this.#mute());
    if (isOn) this.store.change({ microphone: 'on' });
  }

  #mute(): void {
    this.#microphone.off();
    this.store.change({ microphone: 'off' });
  }

  #stopCamera(): void {
    this.#camera?.close();
    this.#camera = undefined;
    this.store.change({ camera: undefined });
  }
}

/** A call that reconnects is still that call. */
function isUnderWay({ phase }: ParleyClient): boolean {
  return phase === 'live' || phase === 'reconnecting';
}

function isKeyProblem(thrown: unknown): boolean {
  return (
    thrown instanceof ParleyError && (thrown.code === 'unauthenticated' || thrown.code === 'token_expired')
  );
}
