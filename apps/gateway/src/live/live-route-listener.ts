import type { ParleyError } from '@parley/kernel';
import type { Placement } from '@parley/placement';
import type { MediaDrop } from '@parley/relay';
import type { DownControl } from '@parley/wire';

/** What the client's side hears of its run. Called synchronously; `onOver` is the last call. */
export interface LiveRouteListener {
  onControl(control: DownControl): void;
  /** `frame` is valid during the call only. Call `left` once it has left for the client, or was dropped. */
  onMedia(frame: Uint8Array, turn: number, left: () => void): void;
  /** The run goes on here, as attach number `attach`: what leads back to it has changed. */
  onAttached(attach: number, placement: Placement): void;
  /** Speech that nobody will hear: too much came while the run had no owner. */
  onSpeechLost(ms: number): void;
  onMediaDropped(frames: number, why: MediaDrop): void;
  /** No error: the run has ended. */
  onOver(error?: ParleyError): void;
}
