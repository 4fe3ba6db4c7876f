import {
  connectLive,
  type AudioChunk,
  type Caption,
  type ParleyClient,
  type SessionGrant,
} from '@parley/client';
import type { Event } from '@parley/event';
import type { LatencyMessage, ReadyMessage, WireError } from '@parley/wire';
import { nodeTransport } from '../../libs/client/src/node.js';
import { until } from './until.js';

/** Someone on the line: keeps what the call told, and waits for things with a deadline. */
export class Caller {
  readonly client: ParleyClient;
  readonly ready: ReadyMessage;
  readonly grant: SessionGrant;
  readonly heard: Heard;

  static async connect(url: string, grant: SessionGrant): Promise<Caller> {
    const heard: Heard = {
      events: [],
      captions: [],
      audio: [],
      latencies: [],
      interruptions: [],
      completed: [],
      errors: [],
    };
    const { client, ready } = await connectLive({
      transport: nodeTransport(url),
      token: grant.clientToken,
      on: {
        event: ({ event }) => heard.events.push(event),
        caption: (caption) => heard.captions.push(caption),
        audio: (chunk) => heard.audio.push(chunk),
        latency: (latency) => heard.latencies.push(latency),
        interrupted: ({ turn, origin }) => origin === 'server' && heard.interruptions.push(turn),
        turnComplete: ({ turn }) => heard.completed.push(turn),
        error: (error) => heard.errors.push(error),
      },
    });
    return new Caller(client, ready, grant, heard);
  }

  private constructor(client: ParleyClient, ready: ReadyMessage, grant: SessionGrant, heard: Heard) {
    this.client = client;
    this.ready = ready;
    this.grant = grant;
    this.heard = heard;
  }

  /** Says something in writing and waits for the whole answer; resolves with its words. */
  async ask(text: string): Promise<string> {
    const { captions, completed } = this.heard;
    const [saidBefore, turnsBefore] = [captions.length, completed.length];
    this.client.sendText(text);
    await until('the answer is complete', () => completed.length > turnsBefore);
    return captions
      .slice(saidBefore)
      .filter((caption) => caption.speaker === 'agent' && caption.final)
      .map((caption) => caption.text)
      .join(' ');
  }

  /** Speaks PCM16 at 16 kHz at `speed` times real time, in 40 ms frames. */
  async speak(pcm: Uint8Array, speed = 1): Promise<void> {
    const stepBytes = 1_280;
    for (let at = 0; at < pcm.byteLength; at += stepBytes) {
      this.client.sendAudio(pcm.subarray(at, at + stepBytes));
      await new Promise((resolve) => setTimeout(resolve, 40 / speed));
    }
  }

  /** Ends the call; resolves when the server has closed it. */
  async end(): Promise<void> {
    this.client.end();
    await this.client.closed;
  }
}

export interface Heard {
  readonly events: Event[];
  readonly captions: Caption[];
  readonly audio: AudioChunk[];
  readonly latencies: LatencyMessage[];
  readonly interruptions: number[];
  readonly completed: number[];
  readonly errors: WireError[];
}
