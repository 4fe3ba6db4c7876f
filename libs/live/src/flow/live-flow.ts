import type { Content, LiveSessionRestarted } from '@parley/event';
import { ParleyError, sleep, toParleyError } from '@parley/kernel';
import type { LlmAgent } from '../agent/llm-agent.js';
import type { LiveConnectConfig, LiveConnection, LiveConnectionEnd } from '../model/live-model.js';
import type { Invocation } from '../runner/invocation.js';
import { untilEnded } from '../runner/run-bounds.js';
import type { BaseTool } from '../tool/base-tool.js';
import { toolSetOf } from '../tool/tool-set.js';
import { instructionFor } from './agent-instruction.js';
import { connectConfigOf } from './connect-config.js';
import { responseToLost, type ContinuedRun } from './continued-run.js';
import { Decision, type FlowOutcome, type SessionOutcome } from './flow-outcome.js';
import { HeldConnection } from './held-connection.js';
import { ModelScreen } from './model-screen.js';
import { ReceiveLane } from './receive-lane.js';
import { SendLane } from './send-lane.js';
import { historyFor, openingOf, type HandOver } from './session-opening.js';
import { ToolDispatch, type ToolSink } from './tool-dispatch.js';

/** How long a session that is left may take to send what it was given, and to be gone. */
const LEAVE_MS = 300;
/** How long tools that do not stop hold up an end that somebody waits for. */
const STOP_AT_ONCE_MS = 50;

/** How an agent's first session begins, beyond its history; a later one begins without. */
interface Opening {
  readonly content?: Content | undefined;
  readonly continued?: ContinuedRun | undefined;
}

export interface LiveFlowParts {
  readonly invocation: Invocation;
  readonly agent: LlmAgent;
  /** Whether the agent is one of a sequence, and tells when it is done. */
  readonly inSequence: boolean;
  /** Undefined for the first agent of a run. */
  readonly handedOver: HandOver | undefined;
  /** For the first agent of a run that another process had begun. */
  readonly continued: ContinuedRun | undefined;
}

/**
 * One agent's stay on the line: connects, carries requests up and messages down until something decides that it is
 * over, and leaves nothing behind.
 *
 * 1. While no connection is open the queue keeps (bounded) what the client sends; the next connection gets it.
 * 2. A model session is closed before the next one is opened.
 * 3. An agent that takes over answers what nobody has answered yet, and nothing else of the past.
 */
export class LiveFlow {
  readonly #parts: LiveFlowParts;
  readonly #screen: ModelScreen;

  constructor(parts: LiveFlowParts) {
    this.#parts = parts;
    this.#screen = new ModelScreen(parts.invocation, parts.agent);
  }

  async run(): Promise<FlowOutcome> {
    const { invocation, agent, inSequence, handedOver, continued } = this.#parts;
    const { tree, runConfig } = invocation;
    const transferTargets = tree.transferTargetsOf(agent);
    const tools = toolSetOf(agent.tools, { transferTargets, inSequence });
    let handle = continued ? continued.handle : runConfig.sessionResumption?.handle;
    if (handedOver) handle = undefined;
    try {
      await untilEnded(invocation, invocation.stream.settled());
      let opening: Opening = { continued, content: openingOf(invocation, handedOver) };
      for (;;) {
        let told = 0;
        const tell = historyFor(invocation, handedOver, opening.continued);
        const history = (): readonly Content[] => {
          const contents = tell();
          told = contents.length;
          return contents;
        };
        const making = connectConfigOf({
          invocation,
          agent,
          tools,
          instructionSuffix: instructionFor(agent, tree, inSequence),
          history,
          handle,
        });
        const config = await untilEnded(invocation, making);
        const outcome = await this.#session(config, tools, { ...opening, toldHistory: () => told > 0 });
        if (outcome.kind !== 'closed') invocation.observe({ kind: 'handleVoid', agentName: agent.name });
        if (outcome.kind !== 'restart') return outcome;
        this.#tellRestart({ reason: 'guardrail', seededWith: 'history' });
        await untilEnded(invocation, invocation.stream.settled());
        opening = {};
        handle = undefined;
      }
    } catch (thrown) {
      if (invocation.ended.aborted) return { kind: 'closed' };
      return this.#failed(toParleyError(thrown));
    }
  }

  async #session(
    config: LiveConnectConfig,
    tools: readonly BaseTool[],
    opening: Opening & { readonly toldHistory: () => boolean },
  ): Promise<SessionOutcome> {
    const { invocation, agent } = this.#parts;
    const { model, ended, queue, clock, line, observe } = invocation;
    if (line.held) await untilEnded(invocation, line.held);
    const startedMs = clock.monotonicMs();
    const connection = new HeldConnection(await model.connect(config, ended));
    observe({
      kind: 'connected',
      agentName: agent.name,
      model: config.model,
      tookMs: clock.monotonicMs() - startedMs,
      mode: connection.resumed ? 'handle' : opening.toldHistory() ? 'history' : 'fresh',
    });
    this.#observeHandOver(opening.content !== undefined);
    const decision = new Decision();
    const dispatch = this.#dispatch(tools, connection, decision);
    const receive = new ReceiveLane({
      ...this.#parts,
      connection,
      tools: dispatch,
      screen: this.#screen,
      blocked: () => decision.make({ kind: 'restart' }),
    });
    const send = new SendLane({
      ...this.#parts,
      connection,
      tools: dispatch,
      screen: this.#screen,
      interrupt: () => receive.interruptByClient(),
      problem: (error) => this.#tellProblem(error),
    });
    const onAbort = (): void => decision.make({ kind: 'closed' });
    ended.addEventListener('abort', onAbort, { once: true });
    if (ended.aborted) onAbort();
    let gone: () => void = () => undefined;
    const isGone = new Promise<void>((resolve) => (gone = resolve));
    try {
      connection.listen({
        onMessage: (message) => receive.receive(message),
        onEnd: (end) => {
          gone();
          decision.make(this.#endOf(end));
        },
      });
      const listen = (): void => queue.resume((request) => send.send(request));
      line.set({
        connection,
        busy: () => dispatch.busy || invocation.inputUnderWay.size > 0,
        hold: () => {
          queue.pause();
          connection.hold();
        },
        release: () => {
          connection.release();
          listen();
        },
      });
      invocation.ready();
      this.#open(connection, opening);
      if (!line.held) listen();
      const outcome = await decision.decided;
      if (outcome.kind === 'failed') {
        receive.close();
        this.#tellFailure(outcome.error);
      }
      return outcome;
    } finally {
      queue.pause();
      line.set(undefined);
      ended.removeEventListener('abort', onAbort);
      queue.putBack(send.close());
      receive.close();
      await this.#leave(connection, dispatch, isGone);
    }
  }

  /** What the model is told first, and answers. */
  #open(connection: LiveConnection, { content, continued }: Opening): void {
    const { lostCalls = [], opening, openingResumed } = continued ?? {};
    if (connection.resumed && lostCalls.length > 0) {
      connection.sendToolResponse(lostCalls.map(responseToLost));
    }
    const said = content ?? (connection.resumed ? openingResumed : opening);
    if (said) connection.sendContent(said);
  }

  #observeHandOver(opened: boolean): void {
    const { handedOver, invocation, agent } = this.#parts;
    if (!handedOver || !opened) return;
    const gapMs = invocation.clock.monotonicMs() - handedOver.atMs;
    invocation.observe({ kind: 'handedOver', from: handedOver.by, to: agent.name, gapMs });
  }

  #dispatch(tools: readonly BaseTool[], connection: LiveConnection, decision: Decision): ToolDispatch {
    const { invocation, agent } = this.#parts;
    const { events, stream, key, liveId, runConfig, model } = invocation;
    const modelVersion = agent.model ?? model.info.model;
    const { liveSessionId } = connection;
    const ofTheSession = liveSessionId === undefined ? {} : { liveSessionId };
    const sink: ToolSink = {
      emit: (draft) => {
        const ofTheModel = draft.content?.role === 'model' ? { modelVersion } : {};
        stream.emit(events.make(agent.name, { ...ofTheModel, ...ofTheSession, ...draft }));
        const { transferToAgent, escalate, endOfAgent } = draft.actions ?? {};
        if (transferToAgent !== undefined) this.#transfer(transferToAgent, decision);
        else if (escalate) decision.make({ kind: 'escalated' });
        else if (endOfAgent) decision.make({ kind: 'completed', atMs: invocation.clock.monotonicMs() });
      },
      respond: (responses) => connection.sendToolResponse(responses),
      tell: (content) => connection.sendContent(content),
    };
    return new ToolDispatch({
      ...invocation,
      agent,
      tools,
      capabilities: invocation.model.capabilitiesOf(agent.model),
      identity: { invocationId: events.invocationId, key, liveId },
      state: () => invocation.store.state,
      mayStart: () => invocation.line.held,
      dedupeToolCalls: runConfig.dedupeToolCalls,
      sink,
    });
  }

  #transfer(to: string, decision: Decision): void {
    const { tree, clock } = this.#parts.invocation;
    if (tree.find(to)) return decision.make({ kind: 'transfer', to, atMs: clock.monotonicMs() });
    this.#tellProblem(
      new ParleyError('agent_not_found', `There is no agent "${to}" to hand over to.`, { kind: 'not_found' }),
    );
  }

  /** Lets go of the model and the tools; what the model was given last still reaches it. */
  async #leave(connection: LiveConnection, tools: ToolDispatch, isGone: Promise<void>): Promise<void> {
    const { ended, clock } = this.#parts.invocation;
    const stopped = tools.stopAll().then(({ stuck }) => {
      if (stuck.length > 0) this.#parts.invocation.log.warn('tools did not stop in time', { tools: stuck });
    });
    if (ended.aborted) {
      connection.close();
      await Promise.all([
        Promise.race([isGone, sleep(clock, LEAVE_MS)]),
        Promise.race([stopped, sleep(clock, STOP_AT_ONCE_MS)]),
      ]);
      return;
    }
    const giveUpAtMs = clock.monotonicMs() + LEAVE_MS;
    while (connection.bufferedBytes > 0 && clock.monotonicMs() < giveUpAtMs) await sleep(clock, 10);
    connection.close();
    await Promise.race([isGone, sleep(clock, LEAVE_MS, ended)]);
    await Promise.race([stopped, sleep(clock, LEAVE_MS * 4, ended)]);
  }

  #endOf(end: LiveConnectionEnd): SessionOutcome {
    if (end.kind === 'client_closed') return { kind: 'closed' };
    const { errorCode, reason, closeCode, kind } = end;
    const error = new ParleyError(errorCode, reason || 'The model ended the connection.', {
      kind: 'unavailable',
      retryable: kind === 'retryable',
      details: { closeCode },
    });
    return { kind: 'failed', error };
  }

  #failed(error: ParleyError): FlowOutcome {
    this.#tellFailure(error);
    return { kind: 'failed', error };
  }

  #tellFailure(error: ParleyError): void {
    const { events, stream } = this.#parts.invocation;
    stream.emit(events.error(this.#parts.agent.name, error, 'session'));
  }

  #tellProblem(error: ParleyError): void {
    const { events, stream } = this.#parts.invocation;
    stream.emit(events.error(this.#parts.agent.name, error, 'turn'));
  }

  #tellRestart(liveSessionRestarted: LiveSessionRestarted): void {
    const { events, stream, observe } = this.#parts.invocation;
    observe({ kind: 'restarted', reason: 'guardrail' });
    stream.emit(events.make(this.#parts.agent.name, { liveSessionRestarted }));
  }
}
