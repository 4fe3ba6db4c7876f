/** Chance that comes out the same for the same seed (mulberry32). Every random choice of a run is drawn from one of these. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ x < 1. */
  readonly next = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new Error('There is nothing to pick from.');
    return picked;
  }

  /** A stream of its own: what one part draws does not change what another one gets. */
  fork(): SeededRandom {
    return new SeededRandom(Math.floor(this.next() * 2 ** 32));
  }
}

const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';

/** Made-up words that can be typed and spoken, each given out once. */
export class WordSource {
  readonly #random: SeededRandom;
  readonly #given = new Set<string>();

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  next(): string {
    for (;;) {
      const syllables = Array.from(
        { length: 4 },
        () => this.#random.pick([...CONSONANTS]) + this.#random.pick([...VOWELS]),
      );
      const word = syllables.join('');
      if (this.#given.has(word)) continue;
      this.#given.add(word);
      return word;
    }
  }
}
