import { LIVE_PATH } from '@parley/wire';
import type { SeededRandom } from './seeded-random.js';

/** What stands for the load balancer: sends a client to any gateway, those left out that are known to be gone. */
export class Gateways {
  readonly #addresses: () => readonly string[];

  /** `addresses`: the gateways' base addresses that take connections now. */
  constructor(addresses: () => readonly string[]) {
    this.#addresses = addresses;
  }

  liveUrl(random: SeededRandom): string {
    const addresses = this.#addresses();
    return `${(addresses.length > 0 ? random.pick(addresses) : 'http://127.0.0.1:9').replace('http', 'ws')}${LIVE_PATH}`;
  }
}
