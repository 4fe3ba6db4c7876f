import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { until } from '../support/until.js';

const PROBE = new URL(
  import.meta.url.endsWith('.ts') ? './memory-probe.mjs' : '../test/chaos/memory-probe.mjs',
  import.meta.url,
);
const PATIENCE_MS = 5_000;
const LOOK = z.object({ look: z.number(), heapUsed: z.number(), external: z.number(), rss: z.number() });

export interface Memory {
  /** What is in use, on the heap and in buffers, once garbage is collected. */
  readonly usedBytes: number;
  readonly rssBytes: number;
}

/** Looks into the memory of one process that was started with `nodeOptions`. */
export class MemoryLook {
  readonly #file: string;
  #looks = 0;

  constructor(file: string) {
    this.#file = file;
  }

  get nodeOptions(): string {
    const probe = new URL(PROBE);
    probe.searchParams.set('file', this.#file);
    return `--import=${probe.href}`;
  }

  /** Looks at one process at a time, which must not be another one than before. */
  async take(pid: number): Promise<Memory> {
    this.#looks += 1;
    process.kill(pid, 'SIGUSR2');
    let seen: z.infer<typeof LOOK> | undefined;
    await until(
      'a look into its memory',
      async () => {
        const json = await readFile(this.#file, 'utf8').catch(() => undefined);
        seen = json === undefined ? undefined : LOOK.parse(JSON.parse(json));
        return seen?.look === this.#looks;
      },
      PATIENCE_MS,
    );
    return { usedBytes: (seen?.heapUsed ?? 0) + (seen?.external ?? 0), rssBytes: seen?.rss ?? 0 };
  }
}
