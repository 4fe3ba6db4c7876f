import type { Caption } from '@parley/client';
import type { FunctionCall, FunctionResponse } from '@parley/event';

export interface CaptionEntry {
  readonly kind: 'caption';
  readonly key: string;
  readonly caption: Caption;
  /** The user talked over it. */
  readonly interrupted: boolean;
}

export interface ToolEntry {
  readonly kind: 'tool';
  readonly key: string;
  readonly turn: number;
  readonly call: FunctionCall;
  readonly responses: readonly FunctionResponse[];
  readonly progress: 'running' | 'done' | 'cancelled';
}

/** A line across the transcript. */
export interface MarkEntry {
  readonly kind: 'mark';
  readonly key: string;
  readonly text: string;
}

export type TranscriptEntry = CaptionEntry | ToolEntry | MarkEntry;
export type Transcript = readonly TranscriptEntry[];

/** Older entries go; the session's history keeps them. */
const MAX_ENTRIES = 400;

/** `call` numbers the calls of this page, because caption ids begin anew with each. */
export function withCaption(transcript: Transcript, call: number, caption: Caption): Transcript {
  const key = `${call}:caption:${caption.id}`;
  const known = transcript.find((entry): entry is CaptionEntry => entry.key === key);
  const entry: CaptionEntry = { kind: 'caption', key, caption, interrupted: known?.interrupted ?? false };
  return known ? replace(transcript, entry) : append(transcript, entry);
}

/**
 * Marks what the user talked over. `audible`: the agent was being heard; then that is its latest caption, also of an
 * earlier turn, because the model may have finished a turn long before it has been played.
 */
export function withInterruption(
  transcript: Transcript,
  call: number,
  turn: number,
  audible: boolean,
): Transcript {
  const spoken = transcript.findLast(
    (entry): entry is CaptionEntry =>
      entry.kind === 'caption' &&
      entry.key.startsWith(`${call}:`) &&
      entry.caption.speaker === 'agent' &&
      (entry.caption.turn === turn || (audible && entry.caption.turn < turn)),
  );
  return spoken ? replace(transcript, { ...spoken, interrupted: true }) : transcript;
}

export function withToolCall(
  transcript: Transcript,
  call: number,
  turn: number,
  toolCall: FunctionCall,
): Transcript {
  const key = toolKey(call, toolCall.id);
  const entry: ToolEntry = { kind: 'tool', key, turn, call: toolCall, responses: [], progress: 'running' };
  return append(transcript, entry);
}

export function withToolResponse(
  transcript: Transcript,
  call: number,
  response: FunctionResponse,
): Transcript {
  const entry = findTool(transcript, toolKey(call, response.id));
  if (!entry) return transcript;
  const progress = response.willContinue === true ? 'running' : 'done';
  return replace(transcript, { ...entry, responses: [...entry.responses, response].slice(-20), progress });
}

export function withToolCancelled(transcript: Transcript, call: number, ids: readonly string[]): Transcript {
  return ids.reduce((now, id) => {
    const entry = findTool(now, toolKey(call, id));
    return entry?.progress === 'running' ? replace(now, { ...entry, progress: 'cancelled' }) : now;
  }, transcript);
}

export function withMark(transcript: Transcript, key: string, text: string): Transcript {
  return append(transcript, { kind: 'mark', key, text });
}

/** What nobody will finish any more: captions that still grow, tools that still run. */
export function settled(transcript: Transcript): Transcript {
  return transcript.map((entry) => {
    if (entry.kind === 'tool' && entry.progress === 'running') return { ...entry, progress: 'cancelled' };
    if (entry.kind === 'caption' && !entry.caption.final) {
      return { ...entry, caption: { ...entry.caption, final: true } };
    }
    return entry;
  });
}

function toolKey(call: number, id: string): string {
  return `${call}:tool:${id}`;
}

function findTool(transcript: Transcript, key: string): ToolEntry | undefined {
  return transcript.findLast((entry): entry is ToolEntry => entry.kind === 'tool' && entry.key === key);
}

function append(transcript: Transcript, entry: TranscriptEntry): Transcript {
  return [...transcript, entry].slice(-MAX_ENTRIES);
}

function replace(transcript: Transcript, entry: TranscriptEntry): Transcript {
  return transcript.map((known) => (known.key === entry.key ? entry : known));
}
