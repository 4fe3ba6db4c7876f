import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

describe('what strangers send to a gateway', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start({ workers: 1 });
  });
  afterAll(() => service.stop());

  const stillServes = async (): Promise<void> => {
    const caller = await service.call();
    await caller.end();
  };

  /** Sends raw bytes; resolves with what came back when the server hung up, or at once after a reset. */
  function raw(request: string, reset = false): Promise<string> {
    return new Promise((resolve) => {
      const socket = connect(service.stack.portOf('gateway'), '127.0.0.1', () => {
        socket.write(request);
        if (reset) setImmediate(() => socket.resetAndDestroy());
      });
      let answer = '';
      socket.on('data', (chunk) => (answer += chunk.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(answer));
    });
  }

  const upgrade = (path: string): string =>
    [
      `GET ${path} HTTP/1.1`,
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n');

  it('as an upgrade to nowhere is refused and closed', async () => {
    expect(await raw(upgrade('/foo'))).toContain('404');
    expect(await raw(upgrade('//'))).toContain('404');
    await raw(upgrade('/foo'), true);
    await raw(upgrade('/v1/live'), true);
    await stillServes();
  });

  it('as JSON nested beyond reason is answered and survived', async () => {
    const url = `${service.stack.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
    const socket = new WebSocket(url);
    const answers: string[] = [];
    let connected = false;
    socket.on('message', (data: Buffer) => {
      const packet = data.toString();
      if (packet.startsWith('0')) socket.send('40/live,');
      if (packet.startsWith('40/live,')) connected = true;
      if (packet.startsWith('42/live,')) answers.push(packet);
    });
    await until('connected', () => connected);
    socket.send(`42/live,["m",${'['.repeat(20_000)}${']'.repeat(20_000)}]`);
    await until('an answer', () => answers.length > 0);
    socket.close();
    await stillServes();
  });
});
