import type { LiveEvents } from '@parley/client';

type Resumed = LiveEvents['resumed'];

/** A break of the call while it lasts, and right after it. */
export type Outage =
  /** This page has killed the worker, and waits for the call to go on. */
  | { readonly state: 'worker-lost' }
  /** The page has no connection. */
  | { readonly state: 'line-lost'; readonly attempt: number }
  | { readonly state: 'back'; readonly resumed: Resumed };

export interface OutageWords {
  readonly title: string;
  readonly detail: string;
}

const LOST: Readonly<Record<Resumed['cause'], string>> = {
  client: 'The connection was lost',
  worker: 'The worker was lost',
  drain: 'The worker was taken out of service',
};

const MEMORY: Readonly<Record<Resumed['mode'], string>> = {
  live: 'the model was there all the time',
  handle: 'the model remembers: handle',
  history: 'the model was told the conversation again: history',
  fresh: 'the model starts afresh',
};

export function outageWords(outage: Outage): OutageWords {
  switch (outage.state) {
    case 'worker-lost':
      return { title: 'Your worker was lost.', detail: 'Carrying on elsewhere…' };
    case 'line-lost':
      return {
        title: 'The connection was lost.',
        detail: outage.attempt > 1 ? `Connecting again, attempt ${outage.attempt}…` : 'Connecting again…',
      };
    case 'back': {
      const { mode, recovered, gapMs } = outage.resumed;
      const missing = recovered ? '' : '; some events are missing here';
      return { title: `Back after ${seconds(gapMs)}`, detail: `(${MEMORY[mode]}${missing})` };
    }
  }
}

/** The same in the transcript, where it stays. */
export function outageMark({ cause, mode, gapMs }: Resumed): string {
  return `${LOST[cause]}. Back after ${seconds(gapMs)} (${MEMORY[mode]})`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
