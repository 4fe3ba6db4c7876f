import type { Caption, LiveEvents, ParleyClient } from '@parley/client';
import type { Clock } from '@parley/kernel';

export interface PrinterOptions {
  readonly write: (text: string) => void;
  readonly json: boolean;
  /** Rewrite the growing line in place; for a terminal with one call only. */
  readonly growing: boolean;
  /** Put before each line, to tell callers apart. */
  readonly label: string;
}

const INTERRUPTED = '— interrupted —';
const CLEAR_LINE = '\r\u001b[2K';

/** Prints what happens in a call as it happens: `[ 2.31s] you: …`, in seconds since the call was ready. */
export class TranscriptPrinter {
  readonly #options: PrinterOptions;
  readonly #clock: Clock;
  #startedMs: number;
  /** When the captions that still grow began. */
  readonly #began = new Map<number, number>();
  #growingId: number | undefined;
  #agentCaption: number | undefined;
  #cutOff = false;

  constructor(clock: Clock, options: PrinterOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#startedMs = clock.monotonicMs();
  }

  follow(client: ParleyClient): void {
    client.on('ready', (ready) => {
      this.#startedMs = this.#clock.monotonicMs();
      const { provider } = ready;
      const emulated = provider.emulated ? ', emulated' : '';
      const remembered = ready.remembered > 0 ? `, ${ready.remembered} events remembered` : '';
      this.line(
        `${ready.agent} is ready (${provider.model}${emulated}${remembered}), session ${ready.sessionId}`,
        ready,
      );
    });
    client.on('caption', (caption) => this.#caption(caption));
    client.on('firstAudio', (first) =>
      this.line(`first audio after ${seconds(first.waitedMs)} s`, { type: 'firstAudio', ...first }),
    );
    client.on('interrupted', ({ turn, origin }) => {
      // The caption that was cut off is told after this; it is printed first.
      this.#cutOff = this.#agentCaption !== undefined && !this.#options.json;
      if (!this.#cutOff) this.line(INTERRUPTED, { type: 'interrupted', turn, origin });
    });
    client.on('toolCall', ({ turn, call }) =>
      this.line(`tool ${call.name} ${JSON.stringify(call.args)}`, { type: 'toolCall', turn, call }),
    );
    client.on('toolResponse', ({ turn, response }) =>
      this.line(`tool ${response.name} → ${JSON.stringify(response.response)}`, {
        type: 'toolResponse',
        turn,
        response,
      }),
    );
    client.on('turnComplete', ({ turn }) => this.#json({ type: 'turnComplete', turn }));
    client.on('inputDropped', ({ ms }) =>
      this.line(`${ms} ms of speech were dropped by the server`, { type: 'inputDropped', ms }),
    );
    client.on('goAway', ({ inMs }) =>
      this.line(`the server leaves in ${seconds(inMs)} s, moving the call`, { type: 'goAway', inMs }),
    );
    client.on('reconnecting', (retry) => {
      const fact = { type: 'reconnecting', ...retry };
      if (retry.attempt === 1) this.line(`the line is lost (${retry.reason}), reconnecting…`, fact);
      else this.line(`no line yet (${retry.reason}), attempt ${retry.attempt}`, fact);
    });
    client.on('resumed', (resumed) => this.line(describeResumed(resumed), { type: 'resumed', ...resumed }));
    client.on('error', (error) =>
      this.line(`error ${error.code}: ${error.message}`, { type: 'error', error }),
    );
  }

  line(text: string, fact: object): void {
    if (this.#options.json) return this.#json(fact);
    this.#print(this.#clock.monotonicMs(), text);
  }

  #caption(caption: Caption): void {
    if (this.#options.json) return this.#json({ type: 'caption', ...caption });
    const now = this.#clock.monotonicMs();
    const beganMs = this.#began.get(caption.id) ?? now;
    this.#began.set(caption.id, beganMs);
    const text = `${caption.speaker === 'user' ? 'you' : caption.author}: ${caption.text}`;
    if (caption.speaker === 'agent') this.#agentCaption = caption.final ? undefined : caption.id;
    if (caption.final) {
      this.#began.delete(caption.id);
      this.#print(beganMs, text);
      if (!this.#cutOff || caption.speaker === 'user') return;
      this.#cutOff = false;
      return this.#print(now, INTERRUPTED);
    }
    if (!this.#options.growing) return;
    this.#options.write(`${CLEAR_LINE}${this.#stamp(beganMs)} ${lastColumns(text)}…`);
    this.#growingId = caption.id;
  }

  #print(atMs: number, text: string): void {
    const clear = this.#growingId === undefined ? '' : CLEAR_LINE;
    this.#growingId = undefined;
    this.#options.write(`${clear}${this.#stamp(atMs)} ${text}\n`);
  }

  #json(fact: object): void {
    if (!this.#options.json) return;
    const atMs = Math.round(this.#clock.monotonicMs() - this.#startedMs);
    const caller = this.#options.label ? { caller: this.#options.label.trim() } : {};
    this.#options.write(`${JSON.stringify({ atMs, ...caller, ...fact })}\n`);
  }

  #stamp(atMs: number): string {
    return `${this.#options.label}[${seconds(Math.max(0, atMs - this.#startedMs)).padStart(5)}s]`;
  }
}

function describeResumed({ gapMs, mode, recovered }: LiveEvents['resumed']): string {
  const memory = mode === 'fresh' ? ', but the agent does not know what was said' : '';
  return `back after ${seconds(gapMs)} s${memory}${recovered ? '' : ' (some of the transcript is missing)'}`;
}

/** A growing line must not wrap, or it could not be rewritten. */
function lastColumns(text: string): string {
  const columns = (process.stdout.columns ?? 80) - 12;
  return text.length <= columns ? text : `…${text.slice(1 - columns)}`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2);
}
