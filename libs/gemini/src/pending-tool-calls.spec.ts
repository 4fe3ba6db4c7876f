import type { FunctionCall, FunctionResponse } from '@parley/event';
import { beforeEach, describe, expect, it } from 'vitest';
import { PendingToolCalls } from './pending-tool-calls.js';

const call = (id: string, name = 'f'): FunctionCall => ({ id, name, args: {} });
const answer = (id: string, name = 'f'): FunctionResponse => ({ id, name, response: {} });

describe('PendingToolCalls', () => {
  let tools: PendingToolCalls;
  beforeEach(() => {
    tools = new PendingToolCalls((name) => (name === 'slow' ? 'NON_BLOCKING' : 'BLOCKING'));
  });

  it('knows whether the model waits', () => {
    tools.called([call('a', 'slow')]);
    expect(tools.blocking).toBe(false);
    tools.called([call('b'), call('c')]);
    tools.takenBack(['b']);
    expect(tools.blocking).toBe(true);
    tools.answered([answer('c')]);
    expect(tools.blocking).toBe(false);
  });

  it('takes a call for answered with its last result', () => {
    tools.called([call('a')]);
    tools.answered([{ ...answer('a'), willContinue: true }]);
    expect(tools.blocking).toBe(true);
    tools.answered([{ ...answer('a'), willContinue: false }]);
    expect(tools.blocking).toBe(false);
  });

  it('cancels the calls that a resumed session does not know, and all of a lost one', () => {
    tools.called([call('old')]);
    tools.handleIssued();
    expect(tools.calledSinceHandle).toBe(false);
    tools.called([call('new'), call('answered')]);
    tools.answered([answer('answered')]);
    expect(tools.calledSinceHandle).toBe(true);
    expect(tools.lost(true)).toEqual(['new']);
    expect(tools.newerPending).toBe(false);
    expect(tools.wanted([answer('old'), answer('new'), answer('never heard of')])).toEqual([
      answer('old'),
      answer('never heard of'),
    ]);
    expect(tools.lost(false)).toEqual(['old']);
    expect(tools.wanted([answer('old')])).toEqual([]);
  });

  it('wants the result of a call again that is made again', () => {
    tools.called([call('a')]);
    tools.lost(false);
    tools.called([call('a')]);
    expect(tools.wanted([answer('a')])).toEqual([answer('a')]);
  });

  it('knows calls without an id by their name, and does not cancel them', () => {
    tools.called([call('', 'f')]);
    expect(tools.blocking).toBe(true);
    expect(tools.lost(false)).toEqual([]);
    expect(tools.wanted([answer('', 'f')])).toEqual([answer('', 'f')]);
  });

  it('forgets the oldest of very many', () => {
    for (let i = 0; i < 300; i++) tools.called([call(`c-${i}`)]);
    expect(tools.lost(false)).toHaveLength(256);
  });
});
