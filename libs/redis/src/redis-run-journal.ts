import { JOURNAL_MS, type JournalEntry, type RunJournal } from '@parley/placement';
import type { ControlRedis } from './control-redis.js';
import { journalKey } from './keys.js';
import { FORGET_JOURNAL, LOAD_JOURNAL, SAVE_JOURNAL } from './scripts/run-journal.lua.js';

/** One hash for each live run: epoch, startedAtMs, attach, and handle and agentName where there are such. */
export class RedisRunJournal implements RunJournal {
  readonly #redis: ControlRedis;

  constructor(redis: ControlRedis) {
    this.#redis = redis;
  }

  async save(liveId: string, epoch: number, entry: JournalEntry): Promise<'saved' | 'stale'> {
    const { handle, agentName, startedAtMs, attach } = entry;
    const fields = { startedAtMs, attach, handle, agentName };
    const [answer] = await this.#redis.evaluate(
      SAVE_JOURNAL,
      [journalKey(liveId)],
      [
        epoch,
        JOURNAL_MS,
        ...Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
      ],
    );
    return answer === 'saved' ? 'saved' : 'stale';
  }

  async load(liveId: string): Promise<JournalEntry | undefined> {
    const reply = await this.#redis.evaluate(LOAD_JOURNAL, [journalKey(liveId)], []);
    const fields = new Map<string, string>();
    for (let i = 0; i + 1 < reply.length; i += 2) fields.set(reply[i] ?? '', reply[i + 1] ?? '');
    if (fields.size === 0) return undefined;
    const handle = fields.get('handle');
    const agentName = fields.get('agentName');
    return {
      startedAtMs: Number(fields.get('startedAtMs')),
      attach: Number(fields.get('attach')),
      ...(handle === undefined ? {} : { handle }),
      ...(agentName === undefined ? {} : { agentName }),
    };
  }

  async forget(liveId: string): Promise<void> {
    await this.#redis.evaluate(FORGET_JOURNAL, [journalKey(liveId)], []);
  }
}
