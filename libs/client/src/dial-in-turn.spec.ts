import { describe, expect, it } from 'vitest';
import { dialInTurn } from './dial-in-turn.js';
import { MemoryTransport } from './testing/index.js';
import type { TransportEnd } from './transport.js';

function makeDial(...urls: string[]) {
  const dialled: { readonly url: string; readonly line: MemoryTransport }[] = [];
  const dial = dialInTurn(urls, (url) => {
    const line = new MemoryTransport();
    dialled.push({ url, line });
    return line;
  });
  const open = () => {
    const told: (TransportEnd | 'opened')[] = [];
    const transport = dial();
    transport.open({
      opened: () => told.push('opened'),
      message: () => undefined,
      frame: () => undefined,
      closed: (end) => told.push(end),
    });
    return { transport, told };
  };
  const urlsDialled = (): string[] => dialled.map(({ url }) => url);
  return { open, urlsDialled, line: (index: number) => dialled[index]?.line };
}

describe('dialling several gateways', () => {
  it('goes on to the next one until one opens, and then stays', () => {
    const { open, line, urlsDialled } = makeDial('a', 'b', 'c');
    const { transport, told } = open();
    line(0)?.hangUp(1006);
    line(1)?.accept();
    transport.sendMessage({ type: 'interrupt' });
    expect(line(1)?.messages).toEqual([{ type: 'interrupt' }]);
    line(1)?.hangUp(1006, 'gone');
    expect(urlsDialled()).toEqual(['a', 'b']);
    expect(told).toEqual(['opened', { code: 1006, reason: 'gone' }]);
  });

  it('tells the last refusal when none opens', () => {
    const { open, line, urlsDialled } = makeDial('a', 'b');
    const { told } = open();
    line(0)?.hangUp(1006, 'no a');
    line(1)?.hangUp(1006, 'no b');
    expect(told).toEqual([{ code: 1006, reason: 'no b' }]);
    expect(urlsDialled()).toEqual(['a', 'b']);
  });

  it('begins each connection with the address after the last one', () => {
    const { open, line, urlsDialled } = makeDial('a', 'b');
    open();
    line(0)?.accept();
    open();
    expect(urlsDialled()).toEqual(['a', 'b']);
  });

  it('dials no more after it was closed', () => {
    const { open, urlsDialled } = makeDial('a', 'b');
    const { transport, told } = open();
    transport.close(1000, 'client');
    expect(told).toEqual([{ code: 1000, reason: 'client' }]);
    expect(urlsDialled()).toEqual(['a']);
  });
});
