import type { Event, Part, Transcription } from '@parley/event';
import type { LiveServerMessage } from '../model/live-model.js';
import type { EventDraft, EventFactory } from './event-factory.js';
import { TextBuffer } from './text-buffer.js';
import { TranscriptBuffer } from './transcript-buffer.js';

/**
 * Turns the model's messages into ADK events, in ADK's order: usage; grounding; parts; transcriptions; at a border
 * of the turn the unfinished transcriptions as finished, then the merged text; `turnComplete` and `interrupted`.
 * [src: adk-python gemini_llm_connection.py `receive`]
 *
 * Mended against ADK: `interrupted` is never lost when text is pending, one message with both flags gives one event
 * with both, all parts count (not the first alone). Tool calls are not in here: the flow starts them at once.
 */
export class EventAssembler {
  readonly #events: EventFactory;
  readonly #agentName: string;
  /** On every event of the agent: which model, which session at the provider. */
  readonly #common: EventDraft;
  readonly #text = new TextBuffer();
  readonly #heard = new TranscriptBuffer();
  readonly #said = new TranscriptBuffer();
  #grounding: Readonly<Record<string, unknown>> | undefined;

  constructor(events: EventFactory, agentName: string, common: EventDraft = {}) {
    this.#events = events;
    this.#agentName = agentName;
    this.#common = common;
  }

  /** The events of one message, in order. */
  accept(message: LiveServerMessage): readonly Event[] {
    const out: Event[] = [];
    if (message.usageMetadata) this.#agent(out, { usageMetadata: message.usageMetadata });
    if (message.groundingMetadata) this.#acceptGrounding(out, message);
    const beside = message.parts && message.groundingMetadata;
    for (const part of message.parts ?? []) this.#acceptPart(out, part, beside);
    if (message.inputTranscription) this.#acceptHeard(out, message.inputTranscription);
    if (message.outputTranscription) this.#acceptSaid(out, message.outputTranscription);
    if (message.interrupted || message.turnComplete || message.generationComplete)
      this.#finishTurn(out, message);
    if (message.cancelledToolCallIds)
      this.#agent(out, { cancelledToolCallIds: message.cancelledToolCallIds });
    if (message.voiceActivity) this.#acceptVoiceActivity(out, message.voiceActivity);
    if (message.restarted) {
      const { seededWith } = message.restarted;
      this.#agent(out, { liveSessionRestarted: { reason: 'connection_lost', seededWith } });
    }
    return out;
  }

  /** The user's words so far as finished, where the model begins to answer them. */
  finishHeard(): readonly Event[] {
    const out: Event[] = [];
    this.#flushHeard(out);
    return out;
  }

  /** What is still open when a connection ends. */
  finish(): readonly Event[] {
    const out: Event[] = [];
    this.#flush(out);
    return out;
  }

  /** Flushes text that stands before a tool call. */
  beforeToolCall(): readonly Event[] {
    const out: Event[] = [];
    this.#flushText(out);
    return out;
  }

  #finishTurn(out: Event[], message: LiveServerMessage): void {
    this.#flush(out);
    if (!message.turnComplete && !message.interrupted) return;
    const grounding = message.turnComplete ? this.#takeGrounding() : undefined;
    this.#agent(out, {
      ...(message.turnComplete ? { turnComplete: true } : {}),
      ...(message.interrupted ? { interrupted: true } : {}),
      ...(message.turnCompleteReason ? { turnCompleteReason: message.turnCompleteReason } : {}),
      ...(grounding ? { groundingMetadata: grounding } : {}),
    });
  }

  #acceptGrounding(out: Event[], message: LiveServerMessage): void {
    this.#grounding = message.groundingMetadata;
    if (!message.parts?.length && !message.turnComplete && this.#grounding) {
      this.#agent(out, { groundingMetadata: this.#grounding });
    }
  }

  #acceptPart(out: Event[], part: Part, groundingMetadata: Event['groundingMetadata']): void {
    if (part.text !== undefined) {
      const ended = this.#text.accept(part);
      if (ended) this.#agent(out, { content: { role: 'model', parts: [ended] }, partial: false });
      if (part.text === '') return;
      const content = { role: 'model', parts: [part] } as const;
      this.#agent(out, { content, partial: true, ...(groundingMetadata ? { groundingMetadata } : {}) });
      return;
    }
    if (!part.inlineData) this.#flushText(out);
    this.#agent(out, { content: { role: 'model', parts: [part] } });
  }

  #acceptHeard(out: Event[], fragment: Transcription): void {
    const { delta, whole } = this.#heard.accept(fragment);
    if (delta) this.#user(out, delta, true);
    if (whole) this.#user(out, whole, false);
  }

  #acceptSaid(out: Event[], fragment: Transcription): void {
    const { delta, whole } = this.#said.accept(fragment);
    if (delta) this.#transcript(out, delta, true);
    if (whole) this.#transcript(out, whole, false);
  }

  #acceptVoiceActivity(out: Event[], activity: NonNullable<LiveServerMessage['voiceActivity']>): void {
    const { type, audioOffsetMs } = activity;
    const offset = audioOffsetMs === undefined ? {} : { audioOffset: `${audioOffsetMs / 1_000}s` };
    out.push(this.#events.make('user', { voiceActivity: { voiceActivityType: type, ...offset } }));
  }

  #flushHeard(out: Event[]): void {
    const heard = this.#heard.finish();
    if (heard) this.#user(out, heard, false);
  }

  #flush(out: Event[]): void {
    this.#flushHeard(out);
    const said = this.#said.finish();
    if (said) this.#transcript(out, said, false);
    this.#flushText(out);
  }

  #flushText(out: Event[]): void {
    const merged = this.#text.finish();
    if (!merged) return;
    const grounding = this.#takeGrounding();
    this.#agent(out, {
      content: { role: 'model', parts: [merged] },
      partial: false,
      ...(grounding ? { groundingMetadata: grounding } : {}),
    });
  }

  #takeGrounding(): Readonly<Record<string, unknown>> | undefined {
    const grounding = this.#grounding;
    this.#grounding = undefined;
    return grounding;
  }

  /** What the model said is not of one response: it carries no model version, as in ADK. */
  #transcript(out: Event[], outputTranscription: Transcription, partial: boolean): void {
    const { modelVersion: _, ...common } = this.#common;
    out.push(this.#events.make(this.#agentName, { ...common, outputTranscription, partial }));
  }

  #user(out: Event[], inputTranscription: Transcription, partial: boolean): void {
    out.push(this.#events.make('user', { inputTranscription, partial }));
  }

  #agent(out: Event[], draft: EventDraft): void {
    out.push(this.#events.make(this.#agentName, { ...this.#common, ...draft }));
  }
}
