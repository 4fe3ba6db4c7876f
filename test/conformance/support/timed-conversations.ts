import type { Conversation } from './conversation.js';
import type { Scene, StartConversation } from './conversations.js';
import { caption, generationComplete, turnComplete, voice } from './messages.js';
import { ModelClock, patient } from './model-clock.js';
import type { ModelSide } from './model-side.js';

export interface TimedConversation {
  readonly call: Conversation;
  /** Of the model's connection. */
  readonly clock: ModelClock;
}

/** Runs whose connection to the model lives in a time that the test moves, with nothing left to chance. */
export function timedConversations(start: StartConversation): (scene?: Scene) => Promise<TimedConversation> {
  return async (scene = {}) => {
    const clock = new ModelClock();
    const modelOptions = { ...patient(clock), random: () => 0.5, ...scene.modelOptions };
    return { call: await start({ ...scene, modelOptions }), clock };
  };
}

export const typed = (text: string): { parts: { text: string }[] } => ({ parts: [{ text }] });

/** The model gives a handle, and the run has it. */
export async function giveHandle(call: Conversation, handle: string, consumed?: string): Promise<void> {
  const from = call.events.length;
  const update = { newHandle: handle, resumable: true };
  const index = consumed === undefined ? {} : { lastConsumedClientMessageIndex: consumed };
  call.model.send({ sessionResumptionUpdate: { ...update, ...index } });
  await call.event({ liveSessionResumptionUpdate: { resumable: true } }, from);
}

/** The user types, the model answers in one turn, and gives a handle then, if one is named. */
export async function exchange(
  call: Conversation,
  question: string,
  answer: string,
  handle?: string,
): Promise<void> {
  const from = call.events.length;
  const before = call.model.messages.length;
  call.queue.sendContent(typed(question));
  await call.model.received(before + 1);
  call.model.send(voice(40), caption(answer), generationComplete(), turnComplete());
  await call.event({ turnComplete: true }, from);
  if (handle !== undefined) await giveHandle(call, handle);
}

/** Resolves when the run has gone on over a new connection `times` times. */
export function resumed(call: Conversation, times: number): Promise<void> {
  return call.until(
    `resumption ${times}`,
    () => call.facts.filter((fact) => fact.kind === 'resumed').length === times,
  );
}

/** What a client would notice of a connection that is renewed. */
export function gapsOf(call: Conversation): readonly string[] {
  return call.kinds.filter((kind) => /^(interrupted|error|restarted)/.test(kind));
}

/** What a connection's set-up says of resumption. */
export const resumptionOf = (connection: ModelSide): unknown => connection.setup['sessionResumption'];
