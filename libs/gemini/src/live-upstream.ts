import type { Blob, Content } from '@parley/event';
import type { Log } from '@parley/kernel';
import type { Session } from '@google/genai';
import type { ModelCapabilities } from './capabilities.js';
import { textOf, toSdkContent } from './client-content.js';
import type { GeminiCounters } from './gemini-counters.js';
import type { ModelInput } from './model-input.js';
import type { OutboundGate } from './outbound-gate.js';
import { errorName } from './redact.js';
import { realtimeFormat, realtimeFrame, type RealtimeFormat } from './realtime-frames.js';
import { toolResponseFrame } from './tool-response-frame.js';

export interface LiveUpstreamOptions {
  /** Writes contents and signals; they pass the gate, too. */
  readonly session: Session;
  readonly gate: OutboundGate;
  readonly capabilities: ModelCapabilities;
  readonly onVertex: boolean;
  readonly counters: GeminiCounters;
  readonly log: Log;
}

/** More than a person types in one turn. */
const MAX_HELD_CHARS = 65_536;

/**
 * What is said to the model on one socket, in the frames that it understands. Takes what is sayable only; nothing
 * here throws, and what the SDK refuses all the same is counted in `refusedSends`.
 */
export class LiveUpstream {
  readonly #options: LiveUpstreamOptions;
  /** Of the last chunk: a microphone does not change its type. */
  #format: RealtimeFormat | undefined;
  /** Where the model takes no client content: what was said of a turn that goes on. */
  #heldText = '';

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

  say(input: ModelInput): void {
    switch (input.kind) {
      case 'realtime':
        return this.#realtime(input.blob);
      case 'content':
        return this.#content(input.content, input.partial);
      case 'activityStart':
        return this.#try((session) => session.sendRealtimeInput({ activityStart: {} }));
      case 'activityEnd':
        return this.#try((session) => session.sendRealtimeInput({ activityEnd: {} }));
      case 'audioStreamEnd':
        return this.#try((session) => session.sendRealtimeInput({ audioStreamEnd: true }));
      case 'toolResponse': {
        const { capabilities, counters, gate, onVertex } = this.#options;
        const { droppedMedia, text } = toolResponseFrame(input.responses, capabilities, onVertex);
        counters.droppedResponseMedia += droppedMedia;
        return gate.control(text);
      }
      case 'interrupt':
        // Client content, even empty, stops the running generation.
        return this.#try((session) => session.sendClientContent({ turnComplete: false }));
    }
  }

  #content(content: Content, partial: boolean): void {
    if (!this.#options.capabilities.clientContentMidSession) return this.#contentAsRealtime(content, partial);
    const turn = toSdkContent(content);
    if (!turn) return this.#refuse('content without text, image or file');
    this.#try((session) => session.sendClientContent({ turns: [turn], turnComplete: !partial }));
  }

  #realtime({ mimeType, data }: Blob): void {
    if (this.#format?.mimeType !== mimeType) this.#format = realtimeFormat(mimeType);
    const format = this.#format;
    if (!format) return this.#refuse('realtime media of this type');
    const { audioBytesPerMs } = format;
    const loss = audioBytesPerMs === undefined ? { images: 1 } : { audioMs: data.length / audioBytesPerMs };
    this.#options.gate.media(realtimeFrame(data, format), loss);
  }

  /** Text without a turn of its own waits for the one that it belongs to: realtime text is always answered. */
  #contentAsRealtime(content: Content, partial: boolean): void {
    for (const { inlineData } of content.parts) if (inlineData) this.#realtime(inlineData);
    const text = [this.#heldText, textOf(content)].filter(Boolean).join('\n').slice(-MAX_HELD_CHARS);
    this.#heldText = partial ? text : '';
    if (text && !partial) this.#try((session) => session.sendRealtimeInput({ text }));
  }

  #try(send: (session: Session) => void): void {
    try {
      send(this.#options.session);
    } catch (error) {
      this.#refuse(errorName(error));
    }
  }

  #refuse(what: string): void {
    this.#options.counters.refusedSends += 1;
    this.#options.log.debug('not sent to the model', { what });
  }
}
