export const CLOSE_REASONS = [
  /** The run is over, or this attach of it is. */
  'ended',
  /** The client's connection is gone, or its gateway goes away: the run waits for it to come back. */
  'detached',
  /** The run goes on at another worker, as the control before this said. */
  'moved',
  /** Another attach took the run over. */
  'superseded',
  /** The worker did not accept the run. */
  'refused',
  /** One side could not take control events as fast as they came. */
  'slow_consumer',
  /** The worker does not own this epoch of the run (any more). */
  'stale',
  /** A handler threw; the other channels of the link go on. */
  'failed',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** How a channel ended: what one side gave as its reason, or `link_lost` when no one said goodbye. */
export type CloseOutcome = CloseReason | 'link_lost';

/**
 * Why a link ended. `silent`: nothing was heard for the dead time. `disconnected`: end of stream or reset, so the
 * process or its connection is certainly gone. `protocol`: the peer sent what can't be. `shut`: by this side.
 */
export type LinkLoss = 'silent' | 'disconnected' | 'protocol' | 'shut';

/**
 * Why outgoing media was not sent: `budget` and `age` are the queue's bounds, `purged` and `late` belong to a
 * turn that was purged (before, and after it was handed in), `closed` was still queued when its channel closed.
 */
export type MediaDrop = 'budget' | 'age' | 'purged' | 'late' | 'closed';

/**
 * What happens to a channel. Handlers are called synchronously, one at a time, in the order of arrival within
 * control and within media. A handler that throws closes its channel with `failed`.
 */
export interface ChannelHandlers {
  /** `payload` is valid during the call only; copy what is kept. */
  onControl(payload: Uint8Array): void;
  /** `frame` is valid during the call only; copy what is kept. `turn` is 0 for media of a client. */
  onMedia(frame: Uint8Array, turn: number): void;
  /** Exactly once, whichever side ended it; the last call. `loss` comes with `link_lost` only. */
  onClose(outcome: CloseOutcome, loss?: LinkLoss): void;
  /**
   * Outgoing media that was handed in and will not be sent because of the queue's bounds: the `frames` that came after
   * the first `before` of those that were not dropped earlier. `before` have left, so the other side counts them.
   */
  onMediaDropped?(frames: number, bytes: number, why: MediaDrop, before: number): void;
}

export interface ChannelPeer {
  /** The gateway's id on the worker's side, the worker's id on the gateway's. */
  readonly id: string;
  /** Of a worker; undefined on the worker's side. */
  readonly incarnation?: string;
  readonly capabilities: readonly string[];
}

/**
 * One attach of one live run on one link; the gateway and the worker hold one end each.
 *
 * 1. Control arrives in the order it was sent and is never dropped while the channel is open. Media arrives in
 *    the order it was sent, with holes where frames were dropped. Control overtakes media that waits.
 * 2. Nothing sent here waits on another channel: channels with something to write take turns, frame by frame.
 * 3. After `purgeMedia(t)` no media of turns 1…t leaves any more, so control that is sent after it is never
 *    followed by such media.
 * 4. Media towards the gateway is sent against credit: what the gateway has not granted waits at the worker.
 * 5. Bytes handed to `sendControl` and `sendMedia` belong to the channel; the caller must not change them.
 */
export interface FrameChannel {
  readonly liveId: string;
  readonly epoch: number;
  readonly attach: number;
  readonly peer: ChannelPeer;
  /** Undefined while the channel is open. */
  readonly outcome: CloseOutcome | undefined;
  /** Outgoing media that waits for the socket, or for credit. */
  readonly queuedMediaBytes: number;

  /**
   * Sets the handlers, once. What came before is kept (bounded as control is, else the channel closes with
   * `slow_consumer`) and delivered in order right after, before anything newer.
   */
  listen(handlers: ChannelHandlers): void;
  /**
   * False when it was not taken: the channel is closed, `payload` is over `MAX_LINK_PAYLOAD_BYTES`, or too much
   * control waits already, in which case the channel closes with `slow_consumer`.
   */
  sendControl(payload: Uint8Array): boolean;
  /**
   * `frame` is a whole media frame, passed through unread. False when it was not taken: the channel is closed,
   * the frame is over `MAX_LINK_PAYLOAD_BYTES`, or its turn was purged. When the queue is full the oldest media
   * is dropped for it.
   */
  sendMedia(frame: Uint8Array, turn: number): boolean;
  /**
   * Drops waiting media of turns up to and with `throughTurn` and answers how many frames that were. Later media
   * of turns 1…`throughTurn` is refused; turn 0 belongs to no turn and is only dropped.
   */
  purgeMedia(throughTurn: number): number;
  /**
   * On the gateway's side: `bytes` of received media frames have left for the client (or were dropped), so the
   * worker may send as much again. On the worker's side it does nothing.
   */
  grantMedia(bytes: number): void;
  /**
   * Ends the channel on both sides; a second call does nothing. Control that waits is still sent, media that
   * waits is dropped: see that `queuedMediaBytes` is 0 first when it matters.
   */
  close(reason: CloseReason): void;
}
