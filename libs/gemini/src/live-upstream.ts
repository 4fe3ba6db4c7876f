import type { Blob, Content, FunctionResponse } from '@parley/event';
import type { Log } from '@parley/kernel';
import { FunctionResponseScheduling, type Session } from '@google/genai';
import type { ModelCapabilities } from './capabilities.js';
import { textOf, toSdkContent } from './client-content.js';
import type { GeminiCounters } from './gemini-counters.js';
import type { OutboundGate } from './outbound-gate.js';
import { realtimeFormat, realtimeFrame, type RealtimeFormat } from './realtime-frames.js';

export interface LiveUpstreamOptions {
  /** Writes the frames that are rare; they pass the gate, too. */
  readonly session: Session;
  readonly gate: OutboundGate;
  readonly capabilities: ModelCapabilities;
  readonly onVertex: boolean;
  /** True when the client, and not the server, says when the user speaks. */
  readonly manualActivity: boolean;
  readonly counters: GeminiCounters;
  readonly log: Log;
}

/**
 * What is said to the model, in the frames that it understands.
 *
 * 1. Nothing here throws; what can't be sent is counted in `refusedSends`.
 * 2. A signal that would make the server close the connection (activity signals while it detects speech itself, and
 *    the reverse) is not sent.
 */
export class LiveUpstream {
  readonly #options: LiveUpstreamOptions;
  /** Of the last chunk: a microphone does not change its type. */
  #format: RealtimeFormat | undefined;

  constructor(options: LiveUpstreamOptions) {
    this.#options = options;
  }

  /**
   * Earlier conversation; never asks for an answer. With `historyConfig` in the set-up the turn is completed, which
   * ends the history; on Vertex, which does not know that field, it is left open.
   */
  seed(history: readonly Content[]): void {
    const turns = history.flatMap((content) => toSdkContent(content) ?? []);
    if (turns.length === 0) return;
    this.#try((session) => session.sendClientContent({ turns, turnComplete: !this.#options.onVertex }));
  }

  content(content: Content): void {
    if (!this.#options.capabilities.clientContentMidSession) return this.#contentAsRealtime(content);
    const turn = toSdkContent(content);
    if (!turn) return this.#refuse('content without text, image or file');
    this.#try((session) => session.sendClientContent({ turns: [turn], turnComplete: true }));
  }

  realtime({ mimeType, data }: Blob): void {
    if (this.#format?.mimeType !== mimeType) this.#format = realtimeFormat(mimeType);
    const format = this.#format;
    if (!format || data.length === 0) return this.#refuse('realtime media of this type');
    const { audioBytesPerMs } = format;
    const loss = audioBytesPerMs === undefined ? { images: 1 } : { audioMs: data.length / audioBytesPerMs };
    this.#options.gate.media(realtimeFrame(data, format), loss);
  }

  activityStart(): void {
    if (!this.#options.manualActivity) return this.#refuse('activityStart');
    this.#try((session) => session.sendRealtimeInput({ activityStart: {} }));
  }

  activityEnd(): void {
    if (!this.#options.manualActivity) return this.#refuse('activityEnd');
    this.#try((session) => session.sendRealtimeInput({ activityEnd: {} }));
  }

  audioStreamEnd(): void {
    if (this.#options.manualActivity) return this.#refuse('audioStreamEnd');
    this.#try((session) => session.sendRealtimeInput({ audioStreamEnd: true }));
  }

  toolResponse(responses: readonly FunctionResponse[]): void {
    if (responses.length === 0) return this.#refuse('no function response');
    const { capabilities, onVertex } = this.#options;
    const functionResponses = responses.map(({ id, name, response, scheduling, willContinue }) => ({
      id,
      name,
      response: { ...response },
      ...(scheduling && capabilities.responseScheduling
        ? { scheduling: FunctionResponseScheduling[scheduling] }
        : {}),
      // Vertex does not know results in instalments.
      ...(willContinue === undefined || onVertex ? {} : { willContinue }),
    }));
    this.#try((session) => session.sendToolResponse({ functionResponses }));
  }

  /** Client content, even empty, stops the running generation. Where the model takes none there is no way. */
  interrupt(): void {
    if (!this.#options.capabilities.clientContentMidSession) return this.#refuse('interrupt');
    this.#try((session) => session.sendClientContent({ turnComplete: false }));
  }

  #contentAsRealtime(content: Content): void {
    for (const { inlineData } of content.parts) if (inlineData) this.realtime(inlineData);
    const text = textOf(content);
    if (text) this.#try((session) => session.sendRealtimeInput({ text }));
  }

  #try(send: (session: Session) => void): void {
    try {
      send(this.#options.session);
    } catch (error) {
      this.#refuse(error instanceof Error ? error.name : 'unknown error');
    }
  }

  #refuse(what: string): void {
    this.#options.counters.refusedSends += 1;
    this.#options.log.debug('not sent to the model', { what });
  }
}
