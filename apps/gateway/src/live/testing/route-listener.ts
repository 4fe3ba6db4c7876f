import type { ParleyError } from '@parley/kernel';
import type { DownControl } from '@parley/wire';
import type { LiveRoute } from '../live-route.js';

/** The client's side of a route: writes down what it hears, and takes audio at once. */
export class RouteListener {
  readonly controls: DownControl[] = [];
  readonly turns: number[] = [];
  readonly attaches: number[] = [];
  readonly lostMs: number[] = [];
  readonly overs: (string | undefined)[] = [];

  static on(route: LiveRoute): RouteListener {
    const heard = new RouteListener();
    route.listen({
      onControl: (control) => heard.controls.push(control),
      onMedia: (_frame, turn, left) => {
        heard.turns.push(turn);
        left();
      },
      onAttached: (attach) => heard.attaches.push(attach),
      onSpeechLost: (ms) => heard.lostMs.push(ms),
      onMediaDropped: () => undefined,
      onOver: (error?: ParleyError) => heard.overs.push(error?.code),
    });
    return heard;
  }
}
