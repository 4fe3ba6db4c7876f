import { ERROR_CODES, type Clock } from '@parley/kernel';
import type { Metrics } from '@parley/telemetry';
import {
  CLOSE_NORMAL,
  DOWN_KIND,
  ERROR_TABLE,
  type DownControl,
  type LatencyMessage,
  type ServerMessage,
} from '@parley/wire';
import { ClientOutlet } from './client-outlet.js';
import type { ClientTransport } from './client-transport.js';
import type { TurnStopwatch } from './turn-stopwatch.js';

export interface DownlinkParts {
  readonly transport: ClientTransport;
  readonly stopwatch: TurnStopwatch;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** The run is over and the client has been told why. */
  readonly onOver: (closeCode: number, reason: string) => void;
  /** More waits for the client than may. */
  readonly onOverflow: () => void;
}

/**
 * What comes from the run's owners, on to the client: finished JSON and finished frames, passed on unparsed.
 *
 * 1. Once `interrupted` of a turn was passed on, no audio of that turn or an earlier one is, whoever owns the run (I10);
 *    turns only rise. What came nevertheless is counted as stale.
 * 2. Order is kept: the transport gets messages in the order in which the owner sent them.
 */
export class Downlink {
  readonly #parts: DownlinkParts;
  readonly #outlet: ClientOutlet;
  /** Audio of this turn and earlier ones is void. */
  #voidThrough = 0;
  #newestTurn = 0;
  #provider = 'unknown';

  constructor(parts: DownlinkParts) {
    this.#parts = parts;
    this.#outlet = new ClientOutlet({
      transport: parts.transport,
      clock: parts.clock,
      onAudio: (turn) => this.#measure(turn),
      onAudioAged: (frames) =>
        parts.metrics.count('live_dropped_frames_total', { dir: 'down', reason: 'age' }, frames),
      onOverflow: parts.onOverflow,
    });
  }

  /** `frame` is valid during the call only; `left` is called once it has left or was dropped. */
  audio(frame: Uint8Array, turn: number, left: () => void): void {
    if (turn <= this.#voidThrough || turn < this.#newestTurn) {
      left();
      this.#parts.metrics.count('live_interruption_stale_frames_total', {});
      return;
    }
    this.#newestTurn = turn;
    this.#parts.metrics.count('live_ws_bytes_total', { dir: 'out' }, frame.byteLength);
    this.#outlet.audio(frame.slice(), turn, left);
  }

  control(control: DownControl): void {
    const { stopwatch, onOver } = this.#parts;
    switch (control.kind) {
      case DOWN_KIND.interrupted:
        this.#voidThrough = Math.max(this.#voidThrough, control.turn);
        this.#outlet.purge(control.turn);
        this.#countInterruption();
        break;
      case DOWN_KIND.toolResult:
        stopwatch.toolResult();
        break;
      case DOWN_KIND.ready:
        this.#provider = providerOf(control.json);
        break;
      case DOWN_KIND.turnComplete:
        stopwatch.turnComplete();
        break;
      default:
        break;
    }
    this.#text(control.json);
    if (control.kind === DOWN_KIND.ended) onOver(CLOSE_NORMAL, 'ended');
    if (control.kind === DOWN_KIND.failed) onOver(closeCodeOf(control.json), 'failed');
  }

  /** The gateway's own notice, behind what waits. */
  notice(message: ServerMessage): void {
    this.#text(JSON.stringify(message));
  }

  /** What is said from here on goes nowhere; texts that wait still leave. Idempotent. */
  close(): void {
    this.#outlet.close();
  }

  #text(json: string): void {
    this.#parts.metrics.count('live_ws_bytes_total', { dir: 'out' }, json.length);
    this.#outlet.text(json);
  }

  #measure(turn: number): void {
    const { transport, stopwatch, metrics } = this.#parts;
    const first = stopwatch.audioFrame(turn);
    if (!first) return;
    metrics.observe(
      'live_first_audio_seconds',
      { provider: this.#provider, trigger: first.trigger },
      first.waitedMs / 1_000,
    );
    const latency: LatencyMessage = {
      type: 'latency',
      turn,
      trigger: first.trigger,
      firstAudioMs: Math.round(first.waitedMs),
    };
    transport.sendText(JSON.stringify(latency));
  }

  #countInterruption(): void {
    const { stopwatch, metrics } = this.#parts;
    const stop = stopwatch.interrupted();
    metrics.count('live_interruptions_total', { source: stop?.source ?? 'none' });
    if (stop)
      metrics.observe('live_interruption_stop_seconds', { source: stop.source }, stop.stoppedMs / 1_000);
  }
}

function providerOf(readyJson: string): string {
  const ready = JSON.parse(readyJson) as { readonly provider?: { readonly name?: string } };
  return ready.provider?.name ?? 'unknown';
}

/** A newer worker may know codes that this build does not. */
function closeCodeOf(errorJson: string): number {
  const { error } = JSON.parse(errorJson) as { readonly error?: { readonly code?: string } };
  const code = ERROR_CODES.find((known) => known === error?.code) ?? 'internal';
  return ERROR_TABLE[code].close;
}
