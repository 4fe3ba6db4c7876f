import { SessionBench, silence, speech } from '@parley-testing/emulator';
import { ManualClock } from '@parley-testing/kernel';
import { expect, it } from 'vitest';
import type { Brain } from '../brain/brain.js';
import { MemoryResumptionStore } from './resumption-store.js';

const CHUNK_BYTES = 3_200;
const CONNECTIONS = 20;

/** Says back what it heard, so that what the model said is to be told apart too. */
const echo: Brain = {
  answer: (_context, said) => ({ say: `I heard ${said}` }),
  afterTools: () => ({}),
};

/**
 * A client of transparent resumption: keeps every message until the server has taken it in, and sends it again on the
 * next connection otherwise.
 */
class ResumingClient {
  readonly clock = new ManualClock();
  readonly #store = new MemoryResumptionStore(this.clock);
  #bench: SessionBench | undefined;
  #connections = 0;
  #handle: string | undefined;
  /** What was sent on this connection and not taken in, with the number of its first. */
  #unconsumed: object[] = [];
  #first = 1;
  #read = 0;

  get bench(): SessionBench {
    if (!this.#bench) throw new Error('not connected');
    return this.#bench;
  }

  get connections(): number {
    return this.#connections;
  }

  async connect(): Promise<void> {
    this.#connections += 1;
    this.#bench = new SessionBench({
      clock: this.clock,
      resumption: this.#store,
      brain: echo,
      seed: this.#connections,
      id: `emu_${this.#connections}`,
      behaviour: {
        connectionMs: 5_300 + 700 * (this.#connections % 7),
        goAwayLeadMs: 1_000,
        sessionMs: 0,
        updateEveryMessages: 5,
      },
    });
    this.#read = 0;
    await this.bench.setUp({ sessionResumption: { transparent: true, handle: this.#handle } });
    const again = this.#unconsumed;
    this.#unconsumed = [];
    this.#first = 1;
    for (const message of again) await this.#send(message);
  }

  /** Streams audio at the pace of speech, over as many connections as it takes. */
  async say(pcm: Uint8Array): Promise<void> {
    for (let at = 0; at < pcm.length; at += CHUNK_BYTES) {
      const data = Buffer.from(pcm.subarray(at, at + CHUNK_BYTES)).toString('base64');
      await this.#send({ realtimeInput: { audio: { data, mimeType: 'audio/pcm;rate=16000' } } });
      await this.clock.advance(100);
      if (this.bench.closed) await this.connect();
    }
  }

  async #send(message: object): Promise<void> {
    this.#unconsumed.push(message);
    await this.bench.send(message);
    for (const { sessionResumptionUpdate: update } of this.bench.messages.slice(this.#read)) {
      if (!update?.newHandle) continue;
      this.#handle = update.newHandle;
      const next = Number(update.lastConsumedClientMessageIndex ?? 0) + 1;
      this.#unconsumed = this.#unconsumed.slice(next - this.#first);
      this.#first = next;
    }
    this.#read = this.bench.messages.length;
  }
}

it(`loses no word of user or model and doubles none over ${CONNECTIONS} connections`, async () => {
  const client = new ResumingClient();
  await client.connect();
  const said: string[] = [];
  while (client.connections < CONNECTIONS) {
    const sentence = `Word ${said.length + 1} of my long story.`;
    said.push(sentence);
    await client.say(speech(sentence, { tailMs: 2_300 + 170 * (said.length % 9) }));
  }
  await client.say(silence(20_000));
  const { transcript } = client.bench;
  expect(said.length).toBeGreaterThan(10);
  expect(linesOf(transcript, 'user')).toEqual(said);
  // What is sent again comes faster than it was spoken, so that one answer may take two sentences.
  const repeated = linesOf(transcript, 'model').map((line) => line.replace(/^I heard /, ''));
  expect(repeated.join(' ')).toBe(said.join(' '));
  const connections = new Set(transcript.map(({ connection }) => connection));
  expect(connections.size).toBeGreaterThan(CONNECTIONS / 2);
}, 60_000);

function linesOf(transcript: SessionBench['transcript'], role: 'user' | 'model'): string[] {
  return transcript.filter((line) => line.role === role).map(({ text }) => text);
}
