import type { Content, Event, Part } from '@parley/event';
import { isImage } from '../session/durable-event.js';

/** Of one message, call or result at most; the rest is cut off. */
const MAX_LINE_CHARS = 32 * 1024;
const MAX_IMAGES = 4;
const MAX_IMAGE_BYTES = 1024 * 1024;

/** One thing that was said, shown or done, as it is told to whoever did not hear it. */
export interface HistoryLine {
  readonly author: string;
  readonly isUser: boolean;
  readonly text: string;
  /** An agent's words without who said them. */
  readonly said?: string;
  readonly images: readonly Part[];
}

/** None for deltas, and for events without words, pictures, calls or results. */
export function linesOf(
  event: Event,
  options: { readonly includeThoughts?: boolean; readonly agentName?: string } = {},
): readonly HistoryLine[] {
  if (event.partial === true) return [];
  const spoken = event.inputTranscription ?? event.outputTranscription;
  if (spoken) return spoken.text.trim() === '' ? [] : [wordsOf(event, spoken.text)];
  const parts = event.content?.parts ?? [];
  if (event.author === 'user') return fromUser(event, parts);
  const thoughts = options.includeThoughts === true && event.author !== options.agentName;
  return parts.flatMap((part) => fromAgent(event, part, thoughts));
}

/** What the user said and showed in a row, of the pictures those in `images`. */
export function userContent(lines: readonly HistoryLine[], images: ReadonlySet<Part>): Content {
  const text = lines.map((told) => told.text).filter(Boolean);
  const shown = lines.flatMap((told) => told.images.filter((image) => images.has(image)));
  return { role: 'user', parts: [...(text.length > 0 ? [{ text: text.join('\n') }] : []), ...shown] };
}

/** The newest four, as far as they have no more than 1 MiB together. */
export function newestImages(lines: readonly HistoryLine[]): ReadonlySet<Part> {
  const kept = new Set<Part>();
  let bytes = 0;
  for (const image of lines.flatMap((told) => told.images).reverse()) {
    bytes += image.inlineData?.data.byteLength ?? 0;
    if (kept.size >= MAX_IMAGES || bytes > MAX_IMAGE_BYTES) break;
    kept.add(image);
  }
  return kept;
}

function fromUser(event: Event, parts: readonly Part[]): readonly HistoryLine[] {
  const text = parts.map((part) => (part.thought ? '' : (part.text ?? '').trim())).filter(Boolean);
  const images = parts.filter(isImage);
  const results = parts.flatMap((part) => fromAgent(event, part, false)).filter((told) => !told.isUser);
  if (text.length === 0 && images.length === 0) return results;
  return [{ ...wordsOf(event, text.join('\n')), images }, ...results];
}

function fromAgent(event: Event, part: Part, thoughts: boolean): readonly HistoryLine[] {
  const { text, thought, functionCall, functionResponse } = part;
  const by = `[${event.author}]`;
  if (text?.trim() && !thought) return [wordsOf(event, text)];
  if (text?.trim() && thoughts) return [line(event, `${by} thought: ${shortened(text.trim())}`)];
  if (functionCall) {
    const args = shortened(JSON.stringify(functionCall.args));
    return [line(event, `${by} called tool \`${functionCall.name}\` with parameters: ${args}`)];
  }
  if (functionResponse) {
    const result = shortened(JSON.stringify(functionResponse.response));
    return [line(event, `${by} \`${functionResponse.name}\` tool returned result: ${result}`)];
  }
  return [];
}

function wordsOf(event: Event, words: string): HistoryLine {
  const said = shortened(words.trim());
  if (event.author === 'user') return { author: event.author, isUser: true, text: said, images: [] };
  return { ...line(event, `[${event.author}] said: ${said}`), said };
}

function line({ author }: Event, text: string): HistoryLine {
  return { author, isUser: false, text, images: [] };
}

function shortened(text: string): string {
  if (text.length <= MAX_LINE_CHARS) return text;
  return `${text.slice(0, MAX_LINE_CHARS).replace(/[\ud800-\udbff]$/, '')} … (cut)`;
}
