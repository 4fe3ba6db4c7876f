import type { Aimed, Fault, Scene } from './fault.js';

/** To one conversation that is open, the one that `at` (0…1) falls on. */
const strike = (at: number, step: Readonly<Record<string, unknown>>): Aimed => ({
  target: 'model',
  forMs: 0,
  begin: async ({ cluster }: Scene) => {
    const sessions = await cluster.model.sessions();
    const session = sessions[Math.floor(at * sessions.length)];
    if (session) await cluster.model.step(session.id, step);
  },
});

/** What the provider does to conversations. */
export const MODEL_FAULTS: readonly Fault[] = [
  {
    kind: 'model-goaway',
    weight: 1,
    aim: (random) => strike(random.next(), { step: 'goAway', timeLeftMs: 5_000 }),
  },
  {
    kind: 'model-close',
    weight: 1,
    aim: (random) =>
      strike(random.next(), { step: 'close', code: 1011, reason: 'Internal error encountered.' }),
  },
  { kind: 'model-drop', weight: 1, aim: (random) => strike(random.next(), { step: 'drop' }) },
  {
    kind: 'model-stall',
    weight: 1,
    aim: (random) => strike(random.next(), { step: 'fault', fault: { kind: 'stall', seconds: 3 } }),
  },
];
