import { startEmulator, type EmulatorOptions, type RunningEmulator } from '@parley/emulator';
import { GeminiLiveModel, type GeminiLiveModelOptions } from '@parley/gemini';
import { silentLog } from '@parley/kernel';
import {
  InMemoryArtifactService,
  InMemorySessionService,
  LiveRequestQueue,
  LlmAgent,
  parseRunConfig,
  Runner,
  type BaseTool,
  type LlmAgentConfig,
  type RunnerOptions,
  type SessionKey,
} from '@parley/live';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { Conversation } from './conversation.js';
import { ModelSide } from './model-side.js';
import { until } from './wait.js';

/** One model of each family that behaves in its own way. */
export const MODELS = {
  live38: 'gemini-3.8-live',
  flashLive31: 'gemini-3.1-flash-live-preview',
  nativeAudio25: 'gemini-2.5-flash-native-audio-preview-12-2025',
  halfCascade: 'gemini-live-2.5-flash-preview',
} as const;

export const KEY: SessionKey = {
  tenantId: 'tenant',
  appName: 'greeter',
  userId: 'alice',
  sessionId: 'session',
};

/** How a run differs from the plain one: one agent, `greeter`, on `gemini-3.8-live`, that the test speaks for. */
export interface Scene extends Partial<Omit<RunnerOptions, 'model'>> {
  /** Of the plain agent. */
  readonly tools?: readonly BaseTool[];
  readonly agentConfig?: Partial<LlmAgentConfig>;
  readonly model?: string;
  readonly api?: 'gemini' | 'vertex';
  readonly modelOptions?: Partial<Omit<GeminiLiveModelOptions, 'provider' | 'model'>>;
  readonly runConfig?: unknown;
  readonly key?: Partial<SessionKey>;
  readonly queue?: LiveRequestQueue;
  /** Runs on this run's Runner, of its agent and with its services. */
  readonly beside?: Conversation;
  /** Of the emulator; default `scripted`: nothing is said but what the test says. */
  readonly scenario?: string;
  /** Another model's address in the emulator's place. */
  readonly baseUrl?: string;
  /** The set-up is answered by `acceptSetup`, and the run is not waited for. */
  readonly holdSetup?: boolean;
}

/** Starts a run, and resolves when the model has accepted the set-up or the run is over. */
export type StartConversation = (scene?: Scene) => Promise<Conversation>;

/**
 * For a file of tests: one emulator in this process, real Gemini connections to it over loopback, and runs that are
 * ended after each test.
 */
export function conversations(options: EmulatorOptions = {}): StartConversation {
  let emulator: RunningEmulator | undefined;
  let connections: ModelSide[] = [];
  let open: Conversation[] = [];
  let count = 0;

  beforeAll(async () => {
    emulator = await startEmulator(options);
    takeConnections(emulator, (connection) => connections.push(connection)).catch(() => undefined);
  });
  afterEach(async () => {
    await Promise.all(open.map((conversation) => conversation.close()));
    open = [];
    connections = [];
  });
  afterAll(() => emulator?.close());

  return async (scene = {}) => {
    if (!emulator) throw new Error('the emulator has not started');
    const credential = `run-${(count += 1)}`;
    const scenario = scene.scenario ?? (scene.holdSetup ? 'bare' : 'scripted');
    const baseUrl = scene.baseUrl ?? `${emulator.url}/s/${scenario}`;
    const conversation = start(scene, credential, baseUrl, () =>
      connections.filter((connection) => connection.key === credential),
    );
    open.push(conversation);
    await until(
      scene.holdSetup ? 'a connection to the model' : 'the set-up of the run',
      () =>
        conversation.ended || (scene.holdSetup ? conversation.connections.length > 0 : conversation.ready),
      () => conversation.told,
    );
    return conversation;
  };
}

/** One taker waits at any time, so that no message of a new connection is missed; the last one is left waiting when the emulator closes. */
async function takeConnections(
  { scripts }: RunningEmulator,
  take: (connection: ModelSide) => void,
): Promise<void> {
  for (;;) take(new ModelSide(await scripts.next({ deadlineMs: 3_600_000 })));
}

function start(
  scene: Scene,
  credential: string,
  baseUrl: string,
  connections: () => readonly ModelSide[],
): Conversation {
  const { tools, agentConfig, model, api, modelOptions, runConfig, key, queue, beside, ...given } = scene;
  const { holdSetup: _1, scenario: _2, baseUrl: _3, ...runner } = given;
  const sessions = beside?.sessions ?? runner.sessions ?? new InMemorySessionService();
  const artifacts = beside?.artifacts ?? runner.artifacts ?? new InMemoryArtifactService();
  return new Conversation({
    key: { ...KEY, ...key },
    queue: queue ?? new LiveRequestQueue(),
    sessions,
    artifacts,
    runConfig: parseRunConfig(runConfig ?? {}),
    connections,
    runner:
      beside?.runner ??
      new Runner({
        log: silentLog,
        agent: new LlmAgent({ name: 'greeter', instruction: 'Be kind.', tools: tools ?? [], ...agentConfig }),
        ...runner,
        sessions,
        artifacts,
        model: new GeminiLiveModel({
          provider:
            api === 'vertex'
              ? { kind: 'vertex', project: 'parley', location: 'us-central1', apiKey: credential, baseUrl }
              : { kind: 'gemini', apiKey: credential, baseUrl },
          model: model ?? MODELS.live38,
          ...modelOptions,
        }),
      }),
  });
}
