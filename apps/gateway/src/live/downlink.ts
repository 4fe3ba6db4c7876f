import { ERROR_CODES, ParleyError } from '@parley/kernel';
import type { CloseOutcome, FrameChannel } from '@parley/relay';
import type { Metrics } from '@parley/telemetry';
import { CLOSE_NORMAL, decodeDownControl, DOWN_KIND, ERROR_TABLE, type LatencyMessage } from '@parley/wire';
import type { ClientTransport } from './client-transport.js';
import type { TurnStopwatch } from './turn-stopwatch.js';

/** What may wait for a client that does not read: control and audio together. Audio alone is held back by credit. */
export const MAX_CLIENT_BACKLOG_BYTES = 768 * 1_024;

export interface DownlinkParts {
  readonly transport: ClientTransport;
  readonly channel: FrameChannel;
  readonly stopwatch: TurnStopwatch;
  readonly metrics: Metrics;
  /** The run is over and the client has been told why. */
  readonly onOver: (closeCode: number, reason: string) => void;
  /** The run is out of reach. */
  readonly onLost: (error: ParleyError) => void;
}

/**
 * What comes from the worker, on to the client: finished JSON and finished frames, passed on unparsed.
 *
 * 1. Once `interrupted` of a turn was passed on, no audio of that turn or an earlier one is (I10); what still came is
 *    counted as stale.
 * 2. Order is kept: the transport gets messages in the order in which the worker sent them.
 * 3. A client that does not read is let go (`slow_consumer`) before more than 768 KiB wait for it.
 */
export class Downlink {
  readonly #parts: DownlinkParts;
  /** Audio of this turn and earlier ones is void. */
  #voidThrough = 0;
  #provider = 'unknown';
  #over = false;

  constructor(parts: DownlinkParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.channel.listen({
      onControl: (bytes) => this.#control(bytes),
      onMedia: (frame, turn) => this.#media(frame, turn),
      onClose: (outcome) => this.#closed(outcome),
      onMediaDropped: (frames, _bytes, reason) =>
        this.#parts.metrics.count('live_dropped_frames_total', { dir: 'up', reason }, frames),
    });
  }

  #media(frame: Uint8Array, turn: number): void {
    const { transport, channel, stopwatch, metrics } = this.#parts;
    if (turn <= this.#voidThrough) {
      channel.grantMedia(frame.byteLength);
      metrics.count('live_interruption_stale_frames_total', {});
      return;
    }
    // the channel's view ends with this call
    transport.sendBinary(frame.slice(), () => channel.grantMedia(frame.byteLength));
    metrics.count('live_ws_bytes_total', { dir: 'out' }, frame.byteLength);
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

  #control(bytes: Uint8Array): void {
    const control = decodeDownControl(bytes);
    if (!control) return;
    const { transport, stopwatch, metrics, onOver } = this.#parts;
    switch (control.kind) {
      case DOWN_KIND.interrupted:
        this.#voidThrough = Math.max(this.#voidThrough, control.turn);
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
      case DOWN_KIND.message:
      case DOWN_KIND.ended:
      case DOWN_KIND.failed:
        break;
    }
    transport.sendText(control.json);
    metrics.count('live_ws_bytes_total', { dir: 'out' }, control.json.length);
    if (transport.bufferedBytes() > MAX_CLIENT_BACKLOG_BYTES) return this.#closed('slow_consumer');
    if (control.kind === DOWN_KIND.ended || control.kind === DOWN_KIND.failed) {
      this.#over = true;
      if (control.kind === DOWN_KIND.ended) onOver(CLOSE_NORMAL, 'ended');
      else onOver(closeCodeOf(control.json), 'failed');
    }
  }

  #countInterruption(): void {
    const { stopwatch, metrics } = this.#parts;
    const stop = stopwatch.interrupted();
    metrics.count('live_interruptions_total', { source: stop?.source ?? 'none' });
    if (stop)
      metrics.observe('live_interruption_stop_seconds', { source: stop.source }, stop.stoppedMs / 1_000);
  }

  #closed(outcome: CloseOutcome): void {
    if (this.#over) return;
    this.#over = true;
    const { onLost } = this.#parts;
    switch (outcome) {
      case 'superseded':
        return onLost(
          new ParleyError('superseded', 'Another connection took the session over.', {
            kind: 'failed_precondition',
          }),
        );
      case 'slow_consumer':
        return onLost(
          new ParleyError('slow_consumer', 'The client does not keep up.', { kind: 'resource_exhausted' }),
        );
      default:
        return onLost(
          new ParleyError('worker_lost', 'The worker that ran the session is gone.', {
            kind: 'unavailable',
            retryable: true,
          }),
        );
    }
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
