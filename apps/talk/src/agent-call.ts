import { ParleyApi, ParleyClient, type CallEnd } from '@parley/client';
import type { Clock } from '@parley/kernel';
import { nodeDial } from '../../../libs/client/src/node.js';
import { AnswerWatch } from './answer-watch.js';
import { SPEECH_RATE_HZ, type Recording } from './recording.js';
import { ReplyTape } from './reply-tape.js';
import type { ServerAddress } from './server-address.js';
import { paceSpeech } from './speech-pacer.js';
import { UsageError, type TalkOptions } from './talk-options.js';
import type { TranscriptPrinter } from './transcript-printer.js';

const REPORT_EVERY_MS = 250;
/** What a caller's microphone hears after the last word, so that the end of speech can be heard. */
const SILENCE_AFTER = new Uint8Array(SPEECH_RATE_HZ * 2);

/** One call from the terminal: the client with a tape for the agent's speech, and a printer that follows. */
export class AgentCall {
  readonly tape: ReplyTape;
  readonly firstAudioMs: number[] = [];
  readonly #client: ParleyClient;
  readonly #clock: Clock;
  readonly #watch: AnswerWatch;
  readonly #stopReports: () => void;
  #reported = '';

  private constructor(client: ParleyClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.tape = new ReplyTape(clock);
    this.#watch = new AnswerWatch(client, clock);
    client.on('audio', (chunk) => this.tape.add(chunk));
    client.on('interrupted', ({ turn }) => {
      this.tape.cut(turn);
      this.#reportHeard({ last: true });
    });
    client.on('firstAudio', ({ waitedMs }) => this.firstAudioMs.push(waitedMs));
    this.#stopReports = clock.every(REPORT_EVERY_MS, () => this.#reportHeard({ last: false }));
  }

  /** Makes the session and the call, and waits for the agent. Rejects with `ParleyError` or `UsageError`. */
  static async open(
    server: ServerAddress,
    options: TalkOptions,
    printer: TranscriptPrinter,
    clock: Clock,
  ): Promise<AgentCall> {
    const api = new ParleyApi(server);
    const agent = options.agent ?? (await api.listAgents())[0]?.name;
    if (!agent) throw new UsageError('The server has no agent to call.');
    const grant = await api.createSession({
      agent,
      userId: options.userId,
      ...(options.sessionId === undefined ? {} : { sessionId: options.sessionId }),
      ...(options.voice === undefined ? {} : { runConfig: voiceConfig(options.voice) }),
    });
    const dial = nodeDial(grant.urls.webSocket);
    const client = new ParleyClient({ dial, token: grant.clientToken, clock });
    printer.follow(client);
    const call = new AgentCall(client, clock);
    try {
      await client.connect();
    } catch (thrown) {
      call.#stopReports();
      throw thrown;
    }
    return call;
  }

  get closed(): Promise<CallEnd> {
    return this.#client.closed;
  }

  /** False when it was not taken; see `ParleyClient.sendText`. */
  say(text: string): boolean {
    this.#watch.asked();
    return this.#client.sendText(text);
  }

  interrupt(): void {
    this.#client.interrupt();
  }

  /** Speaks the recording in real time, and is then quiet for a second. */
  async speak(recording: Recording, signal: AbortSignal): Promise<void> {
    const startedMs = this.#clock.monotonicMs();
    const send = (block: Uint8Array): void => this.#client.sendAudio(block);
    const asking = (block: Uint8Array): void => {
      if (this.#clock.monotonicMs() - startedMs <= recording.speechEndMs) this.#watch.asked();
      send(block);
    };
    this.#watch.asked();
    await paceSpeech(this.#clock, recording.pcm16, asking, signal);
    await paceSpeech(this.#clock, SILENCE_AFTER, send, signal);
    this.#client.audioStreamEnd();
  }

  untilAnswered(signal: AbortSignal): Promise<boolean> {
    return this.#watch.untilAnswered(signal);
  }

  #reportHeard(options: { readonly last: boolean }): void {
    const heard = this.tape.heard;
    if (!heard || this.#reported === `${heard.turn}:${heard.ms}`) return;
    this.#reported = `${heard.turn}:${heard.ms}`;
    this.#client.reportPlayback(heard.turn, heard.ms, options);
  }

  /** Hangs up, politely, and waits for the end. */
  async end(): Promise<CallEnd> {
    this.#stopReports();
    this.#client.end();
    return this.#client.closed;
  }
}

/** ADK's RunConfig for a prebuilt voice. */
function voiceConfig(voiceName: string): Readonly<Record<string, unknown>> {
  return { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName } } } };
}
