import { describe, expect, it } from 'vitest';
import { GatewayHandshake, WorkerHandshake, type HandshakeFrame, type HandshakeStep } from './handshake.js';
import { LINK_FRAME } from './link-frame.js';
import { decodeHello, encodeHello, encodeWelcome, decodeWelcome, type Hello } from './link-message.js';
import { helloToken } from './link-token.js';

const WORKER = {
  workerId: 'worker_1',
  incarnation: 'inc_1',
  capabilities: ['opus'],
  secrets: ['new', 'old'],
};
const GATEWAY = { gatewayId: 'gateway_1', capabilities: ['moved'], secret: 'new' };

function start(overrides: { readonly gateway?: Partial<typeof GATEWAY>; readonly workerId?: string } = {}): {
  readonly gateway: GatewayHandshake;
  readonly worker: WorkerHandshake;
  readonly hello: HandshakeFrame;
} {
  const worker = new WorkerHandshake(WORKER, 'worker nonce');
  const identity = { ...GATEWAY, ...overrides.gateway };
  const gateway = new GatewayHandshake(identity, overrides.workerId ?? 'worker_1', 'gateway nonce');
  const { reply } = receive(gateway, worker.opening);
  return { gateway, worker, hello: reply ?? worker.opening };
}

function receive(to: GatewayHandshake | WorkerHandshake, frame: HandshakeFrame): HandshakeStep {
  return to.receive(frame.type, frame.payload);
}

function alter(frame: HandshakeFrame, change: Partial<Hello>): HandshakeFrame {
  const hello = decodeHello(frame.payload);
  if (hello === undefined) throw new Error('Not a hello.');
  return { type: frame.type, payload: encodeHello({ ...hello, ...change }) };
}

describe('the handshake of a link', () => {
  it.each(['new', 'old'])('makes the two sides known to each other with the %s secret', (secret) => {
    const { gateway, worker, hello } = start({ gateway: { secret } });
    const { reply, peer } = receive(worker, hello);
    expect(peer).toEqual({ id: 'gateway_1', capabilities: ['moved'] });
    expect(receive(gateway, reply ?? hello).peer).toEqual({
      id: 'worker_1',
      incarnation: 'inc_1',
      capabilities: ['opus'],
    });
  });

  it('refuses a gateway with another secret', () => {
    const { worker, gateway, hello } = start({ gateway: { secret: 'guessed' } });
    const { reply, failure, peer } = receive(worker, hello);
    expect([failure?.code, peer]).toEqual(['unauthenticated', undefined]);
    expect(receive(gateway, reply ?? hello).failure?.code).toBe('unauthenticated');
  });

  it.each<[string, Partial<Hello>]>([
    ['gateway', { gatewayId: 'gateway_2' }],
    ['worker', { workerId: 'worker_2' }],
    ['nonce', { nonce: 'another nonce' }],
    ['capabilities', { capabilities: ['moved', 'more'] }],
  ])('refuses a token that was made for another %s', (_, change) => {
    const { worker, hello } = start();
    expect(receive(worker, alter(hello, change)).failure?.code).toBe('unauthenticated');
  });

  it('refuses a recorded hello on a new connection', () => {
    const { hello } = start();
    const again = new WorkerHandshake(WORKER, 'another worker nonce');
    expect(receive(again, hello).failure?.code).toBe('unauthenticated');
  });

  it('refuses another version of the link', () => {
    const { worker, hello } = start();
    const newer = alter(hello, { version: 2 });
    expect(receive(worker, newer).failure?.code).toBe('unsupported_version');
  });

  it('tells a gateway that meant another worker so', () => {
    const { worker, gateway, hello } = start({ workerId: 'worker_2' });
    const { reply, failure } = receive(worker, hello);
    expect(failure?.code).toBe('worker_lost');
    expect(receive(gateway, reply ?? hello).failure?.code).toBe('worker_lost');
  });

  it('does not let a worker pass that does not know the secret', () => {
    const { gateway, worker, hello } = start();
    const welcome = decodeWelcome(receive(worker, hello).reply?.payload ?? new Uint8Array(0));
    if (welcome === undefined) throw new Error('Not a welcome.');
    const forged = encodeWelcome({ ...welcome, incarnation: 'inc_2' });
    expect(gateway.receive(LINK_FRAME.welcome, forged).failure?.code).toBe('unauthenticated');
  });

  it('fails on any frame that has no place in it', () => {
    const bytes = new Uint8Array([0, 1, 2]);
    for (const type of Object.values(LINK_FRAME)) {
      if (type !== LINK_FRAME.challenge) {
        const gateway = new GatewayHandshake(GATEWAY, 'worker_1', 'gateway nonce');
        expect(gateway.receive(type, bytes).failure).toBeDefined();
      }
      expect(new WorkerHandshake(WORKER, 'nonce').receive(type, bytes).failure).toBeDefined();
    }
  });

  it('accepts a token that anyone with the secret made as the protocol says', () => {
    const hello = { version: 1, gatewayId: 'g', workerId: 'worker_1', nonce: 'n', capabilities: [] };
    const worker = new WorkerHandshake(WORKER, 'worker nonce');
    const token = helloToken('old', 'worker nonce', hello);
    expect(worker.receive(LINK_FRAME.hello, encodeHello({ ...hello, token })).peer?.id).toBe('g');
  });
});
