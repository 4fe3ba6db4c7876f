import { describe, expect, it } from 'vitest';
import { check } from './checker.js';
import type { HistoryEntry, Observation } from './history.js';

type Line = readonly [tMs: number, actor: string, observation: Observation];

const call = (actor: string, word: string): Line => [
  0,
  actor,
  { op: 'call', sessionId: `ses_${actor}`, word },
];
const owner = (tMs: number, epoch: number, workerId: string, alive = true): Line => [
  tMs,
  'observer',
  { op: 'owner', liveId: 'live_1', epoch, workerId, incarnation: `${workerId}-1`, state: 'active', alive },
];
const message = (
  tMs: number,
  seq: number,
  more: Partial<Extract<Observation, { op: 'message' }>> = {},
): Line => [
  tMs,
  'ann',
  {
    op: 'message',
    seq,
    turn: 1,
    eventId: `e${seq}`,
    partial: false,
    interrupted: false,
    tools: false,
    ...more,
  },
];
const audio = (tMs: number, turn: number, seq: number): Line => [
  tMs,
  'ann',
  { op: 'audio', turn, seq, tsMs: seq * 40, lengthMs: 40 },
];
const fault = (tMs: number, kind: string, phase: 'begin' | 'end'): Line => [
  tMs,
  'chaos',
  { op: 'fault', id: 1, kind, target: 'x', phase },
];
const sent = (tMs: number, kind: 'marker' | 'ask' = 'marker'): Line => [
  tMs,
  'ann',
  { op: 'sent', requestId: 'r1', kind, text: 'Marker bado.' },
];

const GOOD: readonly Line[] = [
  call('ann', 'zabo'),
  call('bob', 'kumi'),
  owner(10, 5, 'w1'),
  [10, 'observer', { op: 'slots', workerId: 'w1', used: 200, capacity: 500, sum: 200 }],
  sent(20),
  message(30, 1),
  message(40, 2, { interrupted: true }),
  audio(50, 2, 0),
  [60, 'ann', { op: 'resumed', cause: 'worker', recovered: false, mode: 'handle', gapMs: 20 }],
  message(70, 9),
  [75, 'ann', { op: 'heard', text: 'Your secret word is zabo.' }],
  [80, 'ann', { op: 'answered', requestId: 'r1', afterMs: 60 }],
  owner(90, 6, 'w2'),
  [100, 'ann', { op: 'closed', code: 1000, reason: '', wanted: true }],
  [110, 'judge', { op: 'storedText', sessionId: 'ses_ann', requestId: 'r1', count: 1 }],
  [110, 'judge', { op: 'storedCall', sessionId: 'ses_ann', callId: 'c1', responses: 1 }],
  [110, 'judge', { op: 'storedEvent', sessionId: 'ses_ann', eventId: 'e1', what: 'final transcript' }],
  [110, 'judge', { op: 'usage', sessionId: 'ses_ann', recordId: 'u1', tokens: 5 }],
  [110, 'judge', { op: 'modelSessions', open: 2, calls: 2 }],
];

/** One history for each promise, in which it is broken and nothing else is. */
const BAD: Readonly<Record<string, readonly Line[]>> = {
  'I1: two owners with one epoch': [owner(1, 5, 'w1'), owner(2, 5, 'w2')],
  'I1: an owner of before comes back': [owner(1, 6, 'w2'), owner(2, 5, 'w1')],
  'I1: a conversation at the model that no call has': [
    [1, 'judge', { op: 'modelSessions', open: 3, calls: 2 }],
  ],
  'I1: two owners store under one number': ['e1', 'e2'].map((eventId): Line => [
    1,
    'judge',
    { op: 'stored', sessionId: 'ses_ann', eventId, run: 'e-1', seq: 7 },
  ]),
  'I2: more is used than there is': [
    [1, 'observer', { op: 'slots', workerId: 'w1', used: 600, capacity: 500, sum: 600 }],
  ],
  'I2: what is used is not the sum': [
    [1, 'observer', { op: 'slots', workerId: 'w1', used: 300, capacity: 500, sum: 200 }],
  ],
  'I3: nobody alive owns a run for too long': [0, 4_000, 8_000, 12_000].map((tMs) =>
    owner(tMs, 5, 'w1', false),
  ),
  'I4: a number comes twice': [call('ann', 'zabo'), message(1, 1), message(2, 1, { eventId: 'other' })],
  'I4: a hole that was not told': [call('ann', 'zabo'), message(1, 1), message(2, 3)],
  'I4: an event comes again under another number': [
    call('ann', 'zabo'),
    message(1, 1),
    message(2, 2, { eventId: 'e1' }),
  ],
  'I5: a call without an outcome': [
    [1, 'judge', { op: 'storedCall', sessionId: 'ses_ann', callId: 'c1', responses: 0 }],
  ],
  'I5: a call with two outcomes': [
    [1, 'judge', { op: 'storedCall', sessionId: 'ses_ann', callId: 'c1', responses: 2 }],
  ],
  'I6: an epoch of before the flush is granted again': [
    owner(1, 50, 'w1'),
    fault(2, 'redis-flush', 'begin'),
    fault(2, 'redis-flush', 'end'),
    [
      3,
      'observer',
      {
        op: 'owner',
        liveId: 'live_2',
        epoch: 7,
        workerId: 'w1',
        incarnation: 'w1-1',
        state: 'active',
        alive: true,
      },
    ],
  ],
  'I7: one hears what another told': [
    call('ann', 'zabo'),
    call('bob', 'kumi'),
    [1, 'ann', { op: 'heard', text: 'Your secret word is kumi.' }],
  ],
  'I8: usage is recorded twice': [
    [1, 'judge', { op: 'usage', sessionId: 'ses_ann', recordId: 'u1', tokens: 5 }],
    [2, 'judge', { op: 'usage', sessionId: 'ses_ann', recordId: 'u1', tokens: 5 }],
  ],
  'I9: a final transcript never came': [
    call('ann', 'zabo'),
    message(1, 1),
    [2, 'judge', { op: 'storedEvent', sessionId: 'ses_ann', eventId: 'e2', what: 'final transcript' }],
  ],
  'I10: an interrupted turn goes on': [
    call('ann', 'zabo'),
    message(1, 1, { interrupted: true }),
    audio(2, 1, 7),
  ],
  'I11: audio stops while Redis is away': [
    call('ann', 'zabo'),
    fault(1, 'redis-kill', 'begin'),
    audio(100, 1, 0),
    audio(600, 1, 1),
    fault(5_000, 'redis-kill', 'end'),
  ],
  'I11: a refusal takes too long': [
    fault(1, 'redis-stop', 'begin'),
    [3_000, 'probe', { op: 'probe', ms: 900, code: 'control_plane_unavailable' }],
    fault(5_000, 'redis-stop', 'end'),
  ],
  'texts: one is lost': [
    sent(1),
    [2, 'judge', { op: 'storedText', sessionId: 'ses_ann', requestId: 'r1', count: 0 }],
  ],
  'texts: one is doubled': [
    sent(1),
    [2, 'judge', { op: 'storedText', sessionId: 'ses_ann', requestId: 'r1', count: 2 }],
  ],
  'answers: the agent does not know what it was told': [
    sent(1, 'ask'),
    [9_000, 'ann', { op: 'unanswered', requestId: 'r1', afterMs: 8_999 }],
  ],
  'calls: one ends by itself': [
    [1, 'ann', { op: 'closed', code: 4500, reason: 'worker_lost', wanted: false }],
  ],
};

describe('the checker', () => {
  it('finds nothing in a history in which every promise is kept', () => {
    expect(check(history(GOOD))).toEqual([]);
  });

  for (const [title, lines] of Object.entries(BAD)) {
    it(`finds ${title}`, () => {
      const found = check(history(lines));
      expect(found.map(({ promise }) => promise)).toEqual([title.slice(0, title.indexOf(':'))]);
      expect(found[0]?.evidence.length).toBeGreaterThan(0);
    });
  }

  it('takes no offence at a hole that was told', () => {
    const told: Line = [
      2,
      'ann',
      { op: 'resumed', cause: 'client', recovered: false, mode: 'live', gapMs: 9 },
    ];
    expect(check(history([call('ann', 'zabo'), message(1, 1), told, message(3, 8)]))).toEqual([]);
  });

  it('expects nothing of placement while Redis is away', () => {
    const lines = [0, 4_000, 8_000, 12_000].map((tMs) => owner(tMs, 5, 'w1', false));
    expect(
      check(history([fault(0, 'redis-stop', 'begin'), ...lines, fault(12_500, 'redis-stop', 'end')])),
    ).toEqual([]);
  });
});

function history(lines: readonly Line[]): HistoryEntry[] {
  return lines.map(([tMs, actor, observation]) => ({ tMs, actor, ...observation }));
}
