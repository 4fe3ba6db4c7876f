import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { functionCallsOf, functionResponsesOf, type Event } from '@parley/event';
import { GeminiLiveModel } from '@parley/gemini';
import { silentLog } from '@parley/kernel';
import {
  AgentTree,
  BaseAgent,
  InMemorySessionService,
  LiveRequestQueue,
  parseRunConfig,
  Runner,
} from '@parley/live';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootAgent as frontDesk } from '../../agents/front-desk.agent.js';
import { rootAgent as stockMonitor } from '../../agents/stock-monitor.agent.js';
import { until } from '../support/until.js';

const AGENTS = fileURLToPath(new URL('../../agents/', import.meta.url));

/** A conversation with a sample agent, typed. */
class Call {
  readonly events: Event[] = [];
  readonly #queue = new LiveRequestQueue();
  readonly #done: Promise<void>;

  constructor(agent: BaseAgent, emulator: RunningEmulator) {
    const model = new GeminiLiveModel({ provider: { kind: 'emulated', baseUrl: emulator.url } });
    const runner = new Runner({ agent, model, sessions: new InMemorySessionService(), log: silentLog });
    const key = { tenantId: 't', appName: agent.name, userId: 'u', sessionId: 's' };
    this.#done = this.#read(
      runner.runLive({ key, liveId: 'l', queue: this.#queue, runConfig: parseRunConfig({}) }),
    );
  }

  type(text: string): void {
    this.#queue.sendContent({ parts: [{ text }] });
  }

  /** Waits until `author` has said something with `words` in it, and is done. */
  hear(author: string, words: string): Promise<void> {
    return until(`${author} says "${words}"`, () => {
      const said = this.events.findIndex(({ author: speaker, outputTranscription }) => {
        return (
          speaker === author && outputTranscription?.finished && outputTranscription.text.includes(words)
        );
      });
      return said >= 0 && this.events.slice(said).some((event) => event.turnComplete);
    });
  }

  async end(): Promise<void> {
    this.#queue.close();
    await this.#done;
  }

  async #read(events: AsyncIterable<Event>): Promise<void> {
    for await (const event of events) this.events.push(event);
  }
}

describe('the sample agents', () => {
  let emulator: RunningEmulator;
  beforeAll(async () => {
    emulator = await startEmulator({ behaviour: { discloses: false, turnEnds: 'immediate', speed: 10 } });
  });
  afterAll(() => emulator.close());

  it('load, and make a tree of agents under a name of their own', async () => {
    const files = (await readdir(AGENTS)).filter((file) => file.endsWith('.agent.ts'));
    const names = await Promise.all(
      files.map(async (file) => {
        const loaded = (await import(AGENTS + file)) as { readonly rootAgent: unknown };
        if (!(loaded.rootAgent instanceof BaseAgent)) throw new Error(`${file} exports no agent`);
        return new AgentTree(loaded.rootAgent).root.name;
      }),
    );
    expect(new Set(names).size).toBe(files.length);
    expect(names).toContain('concierge');
  });

  it('watch a stock until they are told to stop', async () => {
    const call = new Call(stockMonitor, emulator);
    call.type('Please monitor the stock price of AAPL.');
    await call.hear('stock_monitor', 'symbol AAPL, price');
    call.type('Stop monitoring the stock price.');
    await call.hear('stock_monitor', 'Successfully stopped');
    await call.end();
    const calls = call.events.flatMap(functionCallsOf).map(({ name, args }) => [name, args]);
    expect(calls).toEqual([
      ['monitor_stock_price', { symbol: 'AAPL' }],
      ['stop_streaming', { function_name: 'monitor_stock_price' }],
    ]);
  });

  it('hand over from the front desk to the restaurant and on to the spa, each in its own voice', async () => {
    const call = new Call(frontDesk, emulator);
    call.type('When is breakfast served?');
    await call.hear('restaurant', 'Breakfast is served from seven until ten.');
    call.type('Reserve a table for 4 guests.');
    await call.hear('restaurant', 'A table for 4 is reserved');
    call.type('When does the sauna open?');
    await call.hear('spa', 'The sauna opens at nine.');
    const voice = emulator.sessions().at(-1)?.setup?.voiceName;
    await call.end();
    expect(voice).toBe('Kore');
    const told = call.events.flatMap(functionResponsesOf).map(({ name }) => name);
    expect(told).toEqual(['transfer_to_agent', 'reserve_table', 'transfer_to_agent']);
  });
});
