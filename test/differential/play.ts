import type { ScriptedSession } from '@parley/emulator';
import type { Conversation, ModelMessage, Step } from './conversation.js';
import { ScriptedModel } from './scripted-model.js';
import type { Json, Run, Side } from './side.js';

/** What a conversation came to on one side. */
export interface Recording {
  /** How often `runLive` was called. */
  readonly runs: number;
  readonly events: readonly Json[];
  /** What the script waited for in vain and what was refused, then how the last run ended. */
  readonly remarks: readonly string[];
  readonly setups: readonly Json[];
  /** Each message that the model got after a set-up, with the number of its connection. */
  readonly sent: readonly { readonly connection: number; readonly message: Json }[];
  readonly stored: readonly Json[];
}

/** For what comes within milliseconds, or after ADK's second between two agents. */
const PATIENCE_MS = 10_000;
/** For what is known not to come. */
const IN_VAIN_MS = 1_000;
/** For what a run may have sent before it ended. */
const ON_ITS_WAY_MS = 200;
const LOOK_EVERY_MS = 5;
/** Total of a usage report that the model sends so that the script knows what the run has read. */
const FENCE_TOKENS = 987_654_000;

let sessionsMade = 0;

/** Plays a script against one side, from its first connection to the end of its last run. */
export async function play(conversation: Conversation, side: Side): Promise<Recording> {
  const model = await ScriptedModel.start(conversation.acceptsSetup === false ? 'bare' : 'scripted');
  const sessionId = `session-${++sessionsMade}`;
  const start = (): Promise<Run> => side.start(conversation, { baseUrl: model.baseUrl, sessionId });
  try {
    return await new Player(conversation, side.name, model, start, await start()).play();
  } finally {
    await model.close();
  }
}

/** Whether an event is there only because the script asked how far the run has read. */
export function isFence(event: Json): boolean {
  return (totalTokensOf(event) ?? 0) > FENCE_TOKENS;
}

class Player {
  readonly #conversation: Conversation;
  readonly #side: Side['name'];
  readonly #model: ScriptedModel;
  readonly #start: () => Promise<Run>;
  readonly #earlier: Run[] = [];
  readonly #missed: string[] = [];
  #run: Run;
  #connection: ScriptedSession | undefined;
  /** How many messages of the connection the script has dealt with. */
  #heard = 0;
  #fences = 0;
  #patienceMs = PATIENCE_MS;
  #hangs = false;

  constructor(
    conversation: Conversation,
    side: Side['name'],
    model: ScriptedModel,
    start: () => Promise<Run>,
    run: Run,
  ) {
    this.#conversation = conversation;
    this.#side = side;
    this.#model = model;
    this.#start = start;
    this.#run = run;
  }

  async play(): Promise<Recording> {
    try {
      await this.#connect(1);
      for (const step of this.#conversation.steps) {
        this.#patienceMs = step.inVainFor === this.#side ? IN_VAIN_MS : PATIENCE_MS;
        await this.#take(step);
      }
      if (!this.#hangs) await this.#end();
      return await this.#record();
    } finally {
      if (!this.#run.ended) this.#run.abandon();
    }
  }

  async #take(step: Step): Promise<void> {
    if ('says' in step) return this.#run.send({ content: { role: 'user', parts: [{ text: step.says }] } });
    if ('content' in step) return this.#run.send({ content: step.content });
    if ('speaksMs' in step) return this.#run.send({ blob: silence(step.speaksMs) });
    if ('shows' in step) return this.#run.send({ blob: { mimeType: step.shows, data: PICTURE } });
    if ('activity' in step) {
      return this.#run.send(step.activity === 'start' ? { activityStart: {} } : { activityEnd: {} });
    }
    if ('closesQueue' in step) return this.#run.closeQueue();
    if ('aborts' in step) return this.#run.abort();
    if ('hears' in step) return this.#hears(step.hears);
    if ('model' in step) return this.#send(step.model, step.unread === true);
    if ('hangsUp' in step) return this.#connection?.close(step.hangsUp, step.reason);
    if ('drops' in step) return this.#connection?.drop();
    if ('connection' in step) return this.#connect(step.connection);
    if ('shown' in step) return this.#shown(step.shown);
    if ('ends' in step) return this.#ends();
    if ('release' in step) return this.#run.release();
    return this.#again();
  }

  async #again(): Promise<void> {
    await this.#end();
    this.#earlier.push(this.#run);
    this.#run = await this.#start();
    await this.#connect(this.#model.connections.length + 1);
  }

  async #connect(n: number): Promise<void> {
    const connections = this.#model.connections;
    await this.#wait(`connection ${n}`, async () => {
      if (connections.length < n) await this.#model.look(LOOK_EVERY_MS);
      return connections.length >= n;
    });
    this.#connection = connections[n - 1];
    this.#heard = 1;
  }

  async #hears(path: string): Promise<void> {
    const received = this.#connection?.received ?? [];
    await this.#wait(`${path} at the model`, () => {
      const at = received.findIndex((message, index) => index >= this.#heard && has(message, path));
      if (at >= 0) this.#heard = at + 1;
      return at >= 0;
    });
  }

  async #shown(field: string): Promise<void> {
    await this.#wait(`an event with ${field}`, () => this.#run.events.some((event) => field in event));
  }

  /** The model's messages, and then a report of usage: when the run shows that, it has shown what came before. */
  async #send(messages: readonly ModelMessage[], unread: boolean): Promise<void> {
    const connection = this.#connection;
    if (!connection || connection.ending) return;
    for (const message of messages) connection.send(message);
    if (unread) return;
    const fence = FENCE_TOKENS + ++this.#fences;
    connection.send({ usageMetadata: { totalTokenCount: fence } });
    await this.#wait('what the model said last', () =>
      this.#run.events.some((event) => totalTokensOf(event) === fence),
    );
  }

  async #end(): Promise<void> {
    this.#run.closeQueue();
    await this.#ends();
  }

  async #ends(): Promise<void> {
    const ended = (): boolean => this.#run.ended !== undefined;
    this.#hangs = !(await this.#wait('the end of the run', ended));
  }

  async #wait(what: string, holds: () => boolean | Promise<boolean>): Promise<boolean> {
    let giveUpAtMs = performance.now() + this.#patienceMs;
    while (!(await holds())) {
      if (this.#run.ended) giveUpAtMs = Math.min(giveUpAtMs, performance.now() + ON_ITS_WAY_MS);
      if (performance.now() > giveUpAtMs) {
        this.#missed.push(`in vain: ${what}`);
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return true;
  }

  async #record(): Promise<Recording> {
    const runs = [...this.#earlier, this.#run];
    const stored = await this.#run.stored();
    while (await this.#model.look(1));
    const frames = this.#model.connections.flatMap(({ received }, index) =>
      received.map((message) => ({ connection: index + 1, message: message as Json })),
    );
    return {
      runs: runs.length,
      events: runs.flatMap((run) => run.events),
      remarks: [...runs.flatMap((run) => run.remarks), ...this.#missed, endingOf(this.#run)],
      setups: frames.flatMap(({ message }) => ('setup' in message ? [message.setup as Json] : [])),
      sent: frames.filter(({ message }) => !('setup' in message)),
      stored,
    };
  }
}

function totalTokensOf(event: Json): number | undefined {
  const usage = event.usageMetadata as { readonly totalTokenCount?: number } | undefined;
  return usage?.totalTokenCount;
}

function endingOf({ ended }: Run): string {
  if (!ended) return 'hangs';
  return ended.threw === undefined ? 'ends' : `throws: ${ended.threw}`;
}

/** Whether `message` has something at `path`, such as `realtimeInput.audio`; everything has `*`. */
function has(message: object, path: string): boolean {
  if (path === '*') return true;
  const found = path
    .split('.')
    .reduce<unknown>((value, name) => (value as Json | undefined)?.[name], message);
  return found !== undefined;
}

const PICTURE = Buffer.from('a picture').toString('base64');

function silence(ms: number): { readonly mimeType: string; readonly data: string } {
  return { mimeType: 'audio/pcm;rate=16000', data: Buffer.alloc(ms * 32).toString('base64') };
}
