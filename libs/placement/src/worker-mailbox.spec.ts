import { describe, expect, it } from 'vitest';
import { WorkerMailbox } from './worker-mailbox.js';
import { MAX_COMMANDS } from './worker-registry.js';

describe('WorkerMailbox', () => {
  it('keeps MAX_COMMANDS at most, and has room again when they expire', () => {
    const mailbox = new WorkerMailbox();
    for (let i = 0; i < MAX_COMMANDS + 5; i += 1) {
      mailbox.post(`live${i}`, { kind: 'wanted', serial: i + 1, untilMs: 60_000 }, 0);
    }
    expect(mailbox.read(0, 0)).toMatchObject({ serial: MAX_COMMANDS, revoked: [] });
    mailbox.post('late', { kind: 'revoked', serial: 2_000, untilMs: 120_000 }, 60_000);
    expect(mailbox.read(0, 60_000)).toEqual({ serial: 2_000, revoked: ['late'], wanted: [] });
  });
});
