import {
  FunctionTool,
  InMemorySessionService,
  LiveRequestQueue,
  LlmAgent,
  LogLevel,
  LongRunningFunctionTool,
  LoopAgent,
  Runner,
  SequentialAgent,
  setLogLevel,
} from '@google/adk';

/*
 * A process that runs conversations with @google/adk, one after another, as its parent asks over IPC. Alone in a
 * process because ADK reads its provider's address from the environment, hangs where a connection is refused, and
 * leaves rejections unhandled: the parent ends what does not end by itself.
 *
 * In:  start {baseUrl, app, runConfig, sessionId, resumeWith?} · send {request} · release · close · abort · stored
 * Out: ready · event {event} · refused · ended {threw?} · stored {events} · unhandled {message}
 */
/* global AbortController */
setLogLevel(LogLevel.ERROR + 1);
process.on('unhandledRejection', (reason) => tell({ kind: 'unhandled', message: messageOf(reason) }));
// The parent is gone: nobody would end this process.
process.on('disconnect', () => process.exit(0));

const sessions = new InMemorySessionService();
const APP = { appName: 'differential', userId: 'user' };
let current;

process.on('message', (order) => {
  switch (order.kind) {
    case 'start':
      current = start(order);
      return;
    case 'send':
      return send(order.request);
    case 'release':
      return current.gate.open();
    case 'close':
      return current.queue.close();
    case 'abort':
      return current.abort.abort();
    case 'stored':
      return void tellStored();
  }
});
tell({ kind: 'ready' });

function start({ baseUrl, app, runConfig, sessionId, resumeWith }) {
  // Read by @google/genai when ADK makes its client, which it does anew for every agent built below.
  process.env.GOOGLE_GEMINI_BASE_URL = baseUrl;
  const run = {
    queue: new LiveRequestQueue(),
    gate: newGate(),
    running: 0,
    sessionId,
    abort: new AbortController(),
  };
  void follow(run, { app, runConfig, resumeWith });
  return run;
}

async function follow(run, { app, runConfig, resumeWith }) {
  try {
    const runner = new Runner({
      appName: APP.appName,
      agent: buildAgent(app, run),
      sessionService: sessions,
    });
    const events = runner.runLive({
      userId: APP.userId,
      sessionId: run.sessionId,
      liveRequestQueue: run.queue,
      runConfig,
      abortSignal: run.abort.signal,
      ...(resumeWith === undefined ? {} : { liveSessionResumptionHandle: resumeWith }),
    });
    for await (const event of events) tell({ kind: 'event', event });
    tell({ kind: 'ended' });
  } catch (error) {
    tell({ kind: 'ended', threw: messageOf(error) });
  }
}

function buildAgent(spec, run) {
  const subAgents = (spec.subAgents ?? []).map((child) => buildAgent(child, run));
  const common = { name: spec.name, description: spec.description ?? '', subAgents };
  if (spec.kind === 'sequential') return new SequentialAgent(common);
  if (spec.kind === 'loop') return new LoopAgent({ ...common, maxIterations: spec.maxIterations });
  return new LlmAgent({
    ...common,
    model: spec.model,
    instruction: spec.instruction,
    tools: (spec.tools ?? []).map((tool) => buildTool(tool, run)),
  });
}

function buildTool(spec, run) {
  const Tool = spec.longRunning ? LongRunningFunctionTool : FunctionTool;
  const strings = Object.fromEntries((spec.parameters ?? []).map((name) => [name, { type: 'STRING' }]));
  return new Tool({
    name: spec.name,
    description: spec.description,
    parameters: { type: 'OBJECT', properties: strings, required: spec.parameters ?? [] },
    execute: executeOf(spec, run),
  });
}

/** What a tool of the script does; the same is said for our side in parley-agents.ts. */
function executeOf({ does }, run) {
  if (does.yields) {
    return async function* () {
      yield* does.yields;
    };
  }
  return async (_args, context) => {
    run.running += 1;
    try {
      if (does.state) for (const [key, value] of Object.entries(does.state)) context.state.set(key, value);
      if (does.transferTo) context.actions.transferToAgent = does.transferTo;
      if (does.escalate) context.actions.escalate = true;
      const atStart = run.running;
      if (does.waits) await run.gate.opened;
      // Long enough for a neighbour in the same message to have begun, if it is to begin at all.
      if (does.lingers) await new Promise((resolve) => setTimeout(resolve, 50));
      if (does.throws !== undefined) throw new Error(does.throws);
      return does.countsRunning ? { running: atStart } : does.returns;
    } finally {
      run.running -= 1;
    }
  };
}

async function tellStored() {
  const session = await sessions.getSession({ ...APP, sessionId: current.sessionId });
  tell({ kind: 'stored', events: session?.events ?? [] });
}

function send(request) {
  try {
    current.queue.send(request);
  } catch {
    tell({ kind: 'refused' });
  }
}

function newGate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

function tell(message) {
  if (process.connected) process.send(message);
}
