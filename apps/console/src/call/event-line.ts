import { functionCallsOf, functionResponsesOf, type Event } from '@parley/event';

export type EventTone = 'user' | 'agent' | 'tool' | 'control' | 'error';

/** A line of the event log. */
export interface EventLine {
  readonly key: string;
  /** Since the call was ready. */
  readonly atMs: number;
  readonly seq: number | undefined;
  readonly turn: number | undefined;
  readonly kind: string;
  readonly summary: string;
  readonly tone: EventTone;
  /** A delta, which a final repeats. */
  readonly partial: boolean;
  readonly json: unknown;
}

/** What an event is about, in a word and a line. */
export function describeEvent(event: Event): Pick<EventLine, 'kind' | 'summary' | 'tone'> {
  const heard = event.inputTranscription ?? event.outputTranscription;
  if (event.interrupted === true) return { kind: 'interrupted', summary: '', tone: 'control' };
  if (heard) return { kind: 'transcription', summary: heard.text, tone: toneOf(event) };
  const [call] = functionCallsOf(event);
  if (call) return { kind: 'tool call', summary: `${call.name} ${JSON.stringify(call.args)}`, tone: 'tool' };
  const [response] = functionResponsesOf(event);
  if (response) {
    const summary = `${response.name} ${JSON.stringify(response.response)}`;
    return { kind: 'tool result', summary, tone: 'tool' };
  }
  if (event.errorCode)
    return { kind: 'error', summary: event.errorMessage ?? event.errorCode, tone: 'error' };
  if (event.turnComplete === true) return { kind: 'turn complete', summary: '', tone: 'control' };
  const text = event.content?.parts.map((part) => part.text ?? '').join('') ?? '';
  if (text) return { kind: 'text', summary: text, tone: toneOf(event) };
  if (event.usageMetadata) {
    return { kind: 'usage', summary: `${event.usageMetadata.totalTokenCount ?? 0} tokens`, tone: 'control' };
  }
  if (event.liveSessionResumptionUpdate) return { kind: 'resumption', summary: '', tone: 'control' };
  if (Object.keys(event.actions.stateDelta).length > 0) {
    return { kind: 'state', summary: Object.keys(event.actions.stateDelta).join(', '), tone: 'control' };
  }
  return { kind: 'event', summary: '', tone: 'control' };
}

function toneOf(event: Event): EventTone {
  return event.author === 'user' ? 'user' : 'agent';
}
