import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWavPcm16, rmsDbfs } from '@parley/audio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Service } from '../support/service.js';

const RECORDING = 'test/fixtures/hello-my-name.wav';

describe('npm run talk, with real speech', () => {
  let service: Service;
  let folder: string;
  beforeAll(async () => {
    service = await Service.start({ provider: { kind: 'emulator', speech: 'real' } });
    folder = await mkdtemp(join(tmpdir(), 'parley-talk-'));
    await writeFile(
      join(folder, 'dev.json'),
      JSON.stringify({ url: service.stack.url, apiKey: service.stack.apiKey }),
    );
  });
  afterAll(async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function talk(...args: string[]): Promise<{ code: number | null; said: string }> {
    return new Promise((resolve) => {
      const child = spawn(
        process.execPath,
        ['dist/talk.js', '--dev-file', join(folder, 'dev.json'), ...args],
        {
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      let said = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      child.on('close', (code) => resolve({ code, said }));
    });
  }

  async function expectSpokenReply(file: string): Promise<void> {
    const { rateHz, pcm16 } = readWavPcm16(await readFile(file));
    expect(pcm16.byteLength / 2 / rateHz).toBeGreaterThan(1);
    expect(rmsDbfs(pcm16)).toBeGreaterThan(-40);
  }

  it('can really hear and speak on this machine', () => {
    const report = JSON.stringify(service.stack.readyLine('emulator')?.['speech']);
    expect(report).not.toContain('"available":false');
  });

  it('streams a recording, prints what was heard, and writes the spoken reply', async () => {
    const out = join(folder, 'reply.wav');
    const { code, said } = await talk('--wav', RECORDING, '--out', out);
    expect(said).toMatch(/you: .*my name is Alice/i);
    expect(said).toMatch(/first audio after \d+\.\d+ s/);
    expect(said).toMatch(/concierge: .*Alice/);
    expect(code, said).toBe(0);
    await expectSpokenReply(out);
  });

  it('serves two callers at the same time', async () => {
    const { code, said } = await talk(
      '--wav',
      RECORDING,
      '--callers',
      '2',
      '--out',
      join(folder, 'pair.wav'),
    );
    expect(code, said).toBe(0);
    expect(said.match(/first audio after/g)?.length).toBeGreaterThanOrEqual(2);
    for (const n of [1, 2]) await expectSpokenReply(join(folder, `pair-${n}.wav`));
  });

  it('says what is wrong with what it was given', async () => {
    const missing = await talk('--wav', join(folder, 'nothing.wav'));
    expect(missing.code).not.toBe(0);
    expect(missing.said).toContain('nothing.wav');
    const nobody = await talk('--agent', 'nobody', '--text', 'hi');
    expect(nobody.code).not.toBe(0);
    expect(nobody.said).toContain('nobody');
  });
});
