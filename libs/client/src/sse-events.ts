/** One event of a `text/event-stream`. */
export interface StreamEvent {
  /** `message` when the server named none. */
  readonly name: string;
  readonly data: string;
}

/** A line longer than this is not waited for: the stream is broken. */
const MAX_LINE_CHARS = 4_194_304;

/**
 * Reads a `text/event-stream` piece by piece, wherever the pieces are cut (WHATWG HTML 9.2.6; no `id`, no `retry`).
 * Throws `RangeError` for a line without an end.
 */
export class SseReader {
  #rest = '';
  #name = '';
  #data: string[] = [];

  push(text: string): StreamEvent[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE_CHARS) throw new RangeError('A line of the event stream does not end.');
    return lines.flatMap((line) => this.#line(line.endsWith('\r') ? line.slice(0, -1) : line));
  }

  #line(line: string): StreamEvent[] {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const given = colon < 0 ? '' : line.slice(colon + 1);
    const value = given.startsWith(' ') ? given.slice(1) : given;
    if (field === 'event') this.#name = value;
    if (field === 'data') this.#data.push(value);
    return [];
  }

  #dispatch(): StreamEvent[] {
    const event: StreamEvent = { name: this.#name || 'message', data: this.#data.join('\n') };
    const isEmpty = this.#data.length === 0;
    this.#name = '';
    this.#data = [];
    return isEmpty ? [] : [event];
  }
}
