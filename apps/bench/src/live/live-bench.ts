import { startEmulator, type RunningEmulator } from '@parley/emulator';
import { FunctionTool, LlmAgent } from '@parley/live';
import { Delays } from '../load/delays.js';
import { MachineLag } from '../load/machine-lag.js';
import { acceptSetup, LiveCall } from './live-call.js';

const TOOL_MS = 400;
const LONG_TOOL_MS = 30_000;
const CONNECT_MS = 100;

export interface LiveBenchOptions {
  readonly rounds: number;
}

/** Milliseconds, each with the figure that is asked for. */
export interface LiveBenchResult {
  readonly interruptionP95Ms: number;
  readonly interruptionWithToolP95Ms: number;
  readonly interruptionP50Ms: number;
  readonly interruptionWithToolP50Ms: number;
  readonly twoToolsP95Ms: number;
  readonly handOverP95Ms: number;
  readonly abortP95Ms: number;
  readonly timerLagP99Ms: number;
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

const sleeper = (name: string, ms: number): FunctionTool =>
  new FunctionTool({
    name,
    description: 'Takes its time.',
    execute: (_args, { signal }) => wait(ms, signal),
  });

const agent = new LlmAgent({
  name: 'bench',
  instruction: 'Talk.',
  tools: [sleeper('slow_a', TOOL_MS), sleeper('slow_b', TOOL_MS), sleeper('long', LONG_TOOL_MS)],
  subAgents: [new LlmAgent({ name: 'next', description: 'The next one.', instruction: 'Talk on.' })],
});

/** 200 ms of the model's voice. */
const AUDIO = {
  serverContent: {
    modelTurn: {
      parts: [
        { inlineData: { mimeType: 'audio/pcm;rate=24000', data: Buffer.alloc(9_600).toString('base64') } },
      ],
    },
  },
};

/** The live runtime against a model that does what it is told, in one process, over the real SDK and loopback. */
export async function benchLive({ rounds }: LiveBenchOptions): Promise<LiveBenchResult> {
  const emulator = await startEmulator();
  const lag = new MachineLag();
  try {
    const [plain, withTool] = await interruptions(emulator, rounds * 20);
    const twoTools = await measure(rounds, () => toolTime(emulator));
    const handOver = await measure(rounds, () => handOverTime(emulator));
    const aborted = await measure(rounds, () => abortTime(emulator));
    return {
      interruptionP50Ms: plain.summary().p50,
      interruptionP95Ms: plain.summary().p95,
      interruptionWithToolP50Ms: withTool.summary().p50,
      interruptionWithToolP95Ms: withTool.summary().p95,
      twoToolsP95Ms: twoTools.summary().p95,
      handOverP95Ms: handOver.summary().p95,
      abortP95Ms: aborted.summary().p95,
      timerLagP99Ms: lag.stop(),
    };
  } finally {
    await emulator.close();
  }
}

/** From the model's `interrupted` on the wire to the event; two calls in turn, one with a long tool under way. */
async function interruptions(emulator: RunningEmulator, times: number): Promise<readonly [Delays, Delays]> {
  const calls = [await LiveCall.open(emulator, agent), await LiveCall.open(emulator, agent)] as const;
  const delays = [new Delays(), new Delays()] as const;
  const called = calls[1].next((event) => event.content?.parts[0]?.functionCall !== undefined);
  calls[1].model.send({ toolCall: { functionCalls: [{ id: 'l', name: 'long', args: {} }] } });
  await called;
  for (let time = 0; time < times; time++) {
    for (const at of [0, 1] as const) {
      const { model } = calls[at];
      const heard = calls[at].next((event) => event.content?.parts[0]?.inlineData !== undefined);
      model.send(AUDIO);
      await heard;
      const interrupted = calls[at].next((event) => event.interrupted === true);
      const startedMs = performance.now();
      model.send({ serverContent: { interrupted: true } });
      delays[at].add((await interrupted) - startedMs);
      model.send({ serverContent: { turnComplete: true } });
    }
  }
  await Promise.all(calls.map((call) => call.close()));
  return delays;
}

/** From the message with two calls of 400 ms to the one answer to both. */
async function toolTime(emulator: RunningEmulator): Promise<number> {
  const call = await LiveCall.open(emulator, agent);
  const startedMs = performance.now();
  call.model.send({
    toolCall: {
      functionCalls: [
        { id: 'a', name: 'slow_a', args: {} },
        { id: 'b', name: 'slow_b', args: {} },
      ],
    },
  });
  await call.model.until('toolResponse');
  const tookMs = performance.now() - startedMs;
  await call.close();
  return tookMs;
}

/** From the answer to `transfer_to_agent` to the first thing that the next agent's model is told; connecting takes 100 ms. */
async function handOverTime(emulator: RunningEmulator): Promise<number> {
  const call = await LiveCall.open(emulator, agent);
  call.model.send({
    toolCall: { functionCalls: [{ id: 't', name: 'transfer_to_agent', args: { agentName: 'next' } }] },
  });
  await call.model.until('toolResponse');
  const startedMs = performance.now();
  const next = await acceptSetup(emulator, CONNECT_MS);
  await next.until((message) => !('setup' in message));
  const tookMs = performance.now() - startedMs;
  await call.close();
  return tookMs;
}

/** From an abort, with a tool running and the model talking, to the end of the run. */
async function abortTime(emulator: RunningEmulator): Promise<number> {
  const call = await LiveCall.open(emulator, agent);
  call.model.send({ toolCall: { functionCalls: [{ id: 'l', name: 'long', args: {} }] } });
  const heard = call.next((event) => event.content?.parts[0]?.inlineData !== undefined);
  call.model.send(AUDIO);
  await heard;
  const startedMs = performance.now();
  await call.close();
  return performance.now() - startedMs;
}

async function measure(times: number, once: () => Promise<number>): Promise<Delays> {
  const delays = new Delays();
  for (let time = 0; time < times; time++) delays.add(await once());
  return delays;
}
