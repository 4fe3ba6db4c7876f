import {
  functionCallsOf,
  functionResponsesOf,
  type Content,
  type Event,
  type FunctionCall,
  type FunctionResponse,
} from '@parley/event';
import type { AgentTree } from '../agent/agent-tree.js';
import type { BaseAgent } from '../agent/base-agent.js';
import type { Continuation } from '../runner/runner-options.js';
import { REQUEST_CONFIRMATION } from '../tool/reserved-tool-names.js';
import { linesOf } from './history-line.js';
import { unansweredWords, wordsOfUser } from './unanswered.js';

const OUTCOME_UNKNOWN =
  'The outcome is not known: the service was interrupted while the tool ran. It may or may not have taken effect.';

/** Where the user has asked nothing, and the agent was at work all the same. */
const GO_ON: Content = {
  role: 'user',
  parts: [{ text: 'For context: the outcome of the last tool call is not known. Go on.' }],
};

/** A call that was made and not answered for good before the run was lost. */
export interface LostCall {
  readonly agentName: string;
  readonly call: FunctionCall;
}

/** A run that goes on here, as far as the session tells where it was. */
export interface ContinuedRun {
  readonly agent: BaseAgent;
  /** Sealed; undefined: the model's session begins anew, with history. */
  readonly handle: string | undefined;
  readonly lostCalls: readonly LostCall[];
  /** Ids of stored events that are not history: they are said now, or will be heard again. */
  readonly apart: ReadonlySet<string>;
  /** What the agent has to answer now. */
  readonly opening: Content | undefined;
  /** The same for a session that was taken up with the handle: what came before a lost call, its answer is about. */
  readonly openingResumed: Content | undefined;
}

export interface RunToContinue {
  /** The session's, as far as they are known to the conversation. */
  readonly events: readonly Event[];
  readonly invocationId: string;
  readonly tree: AgentTree;
  readonly continuation: Continuation;
  /** Of the RunConfig. */
  readonly handle: string | undefined;
}

/** Reads where a run was. Nothing of this process may be in `events` yet. */
export function continuedRun(run: RunToContinue): ContinuedRun {
  const { events, invocationId, tree, continuation } = run;
  const own = events.filter((event) => event.invocationId === invocationId);
  const agent = agentOnLine(tree, events, own);
  const lostCalls = lostCallsOf(own);
  const lost = new Set(lostCalls.map(({ call }) => call.id));
  const open = new Set([...unansweredWords(own), ...askedFor(new Set([...lost, ...justGivenUp(own)]), own)]);
  const words = own.filter((event) => open.has(event));
  const said = continuation.speechFollows ? words.filter((event) => !event.inputTranscription) : words;
  const lastLost = own.findLastIndex((event) => functionCallsOf(event).some(({ id }) => lost.has(id)));
  return {
    agent,
    handle: handleFor(agent.name, own, run),
    lostCalls,
    apart: new Set(words.map(({ id }) => id)),
    opening: wordsOfUser(said) ?? (lost.size > 0 && words.length === 0 ? GO_ON : undefined),
    openingResumed: wordsOfUser(said.filter((event) => own.indexOf(event) > lastLost)),
  };
}

/** What a lost call is answered with: at the session, and at a model that still waits for it. */
export function responseToLost({ call }: LostCall): FunctionResponse {
  return { id: call.id, name: call.name, response: { error: OUTCOME_UNKNOWN } };
}

/** Whom the last agent handed over to, if that one has not been heard of yet; else who spoke last. */
function agentOnLine(tree: AgentTree, events: readonly Event[], own: readonly Event[]): BaseAgent {
  const told = own.filter((event) => event.author !== 'user');
  const last = told.at(-1);
  const ofLast = told.slice(told.findLastIndex(({ author }) => author !== last?.author) + 1);
  const to = ofLast.findLast(({ actions }) => actions.transferToAgent !== undefined)?.actions.transferToAgent;
  const next = to === undefined ? undefined : tree.find(to);
  if (last && next && tree.agentToRun([{ ...last, author: next.name }]) === next) return next;
  return tree.agentToRun(events);
}

/**
 * What the user said in the turns in which these calls were made. The model may have said that it would look, and have
 * ended its turn: that was no answer yet.
 */
function askedFor(callIds: ReadonlySet<string>, own: readonly Event[]): readonly Event[] {
  const asked: Event[] = [];
  let said: Event[] = [];
  for (const event of own) {
    if (event.author === 'user') {
      said.push(event);
      continue;
    }
    if (functionCallsOf(event).some(({ id }) => callIds.has(id))) asked.push(...said.splice(0));
    if (event.turnComplete || event.interrupted) said = [];
  }
  return asked.filter((event) => linesOf(event).some((line) => line.isUser));
}

/** Calls that were answered in this way before, by a process that was lost, too, before the model had spoken of it. */
function justGivenUp(own: readonly Event[]): readonly string[] {
  const since = own.slice(own.findLastIndex((event) => event.turnComplete) + 1);
  const responses = since.flatMap(functionResponsesOf);
  return responses.filter(({ response }) => response['error'] === OUTCOME_UNKNOWN).map(({ id }) => id);
}

/** The question to a person is no call of the model's; what it is about is. */
function lostCallsOf(own: readonly Event[]): readonly LostCall[] {
  const open = new Map<string, LostCall>();
  for (const event of own) {
    for (const call of functionCallsOf(event)) {
      if (call.name !== REQUEST_CONFIRMATION) open.set(call.id, { agentName: event.author, call });
    }
    for (const { id, willContinue } of functionResponsesOf(event)) if (!willContinue) open.delete(id);
    for (const id of event.cancelledToolCallIds ?? []) open.delete(id);
  }
  return [...open.values()];
}

/** The newest handle of the agent that is known to be good, if its session knows all that was said and done. */
function handleFor(
  agentName: string,
  own: readonly Event[],
  { handle, continuation }: RunToContinue,
): string | undefined {
  if (handle === undefined) return undefined;
  const isStored = own.some((event) => event.liveSessionResumptionUpdate?.newHandle === handle);
  // one that is not stored is newer than all that is
  if (!isStored) return (continuation.handleAgent ?? agentName) === agentName ? handle : undefined;
  const newest = own.findLastIndex(
    ({ author, liveSessionResumptionUpdate: update }) =>
      author === agentName && update?.newHandle !== undefined,
  );
  if (own.slice(newest + 1).some(leavesHandleBehind)) return undefined;
  return own[newest]?.liveSessionResumptionUpdate?.newHandle;
}

function leavesHandleBehind(event: Event): boolean {
  if (event.blocked || event.liveSessionRestarted) return true;
  return linesOf(event).some((line) => !line.isUser);
}
