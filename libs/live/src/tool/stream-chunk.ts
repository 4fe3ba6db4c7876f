import type { FunctionResponseScheduling } from '@parley/event';

/** A yield of a streaming tool that says for itself when the model is to speak of it. */
export class StreamChunk {
  readonly value: unknown;
  readonly scheduling: FunctionResponseScheduling;

  constructor(value: unknown, scheduling: FunctionResponseScheduling) {
    this.value = value;
    this.scheduling = scheduling;
  }
}

/** `yield streamChunk(value, { scheduling: 'SILENT' })`; wins over the tool's `responseScheduling`. */
export function streamChunk(
  value: unknown,
  options: { readonly scheduling: FunctionResponseScheduling },
): StreamChunk {
  return new StreamChunk(value, options.scheduling);
}
