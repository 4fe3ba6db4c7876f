import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

function start(program: string, env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`dist/${program}.js`], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('close', (code) => resolve({ code, said }));
  });
}

describe('a process that is not set up rightly', () => {
  it('ends at once with every problem listed', async () => {
    const { code, said } = await start('gateway', { REDIS_URL: 'nonsense', PARLEY_PORT: '-1' });
    expect(code).toBe(78);
    for (const name of [
      'REDIS_URL',
      'DATABASE_URL',
      'PARLEY_LINK_SECRET',
      'PARLEY_TOKEN_KEY',
      'PARLEY_PORT',
    ]) {
      expect(said).toContain(name);
    }
  });

  it('says so for every program', async () => {
    for (const program of ['gateway', 'worker', 'tool-runner']) {
      const { code, said } = await start(program, {});
      expect(code, program).toBe(78);
      expect(said).toContain('REDIS_URL is missing');
    }
    expect((await start('emulator', { PARLEY_EMULATOR_SPEECH: 'loud' })).code).toBe(78);
    expect((await start('launcher', { PARLEY_WORKERS: 'many' })).code).toBe(78);
  });

  it('ends when no model can be had', async () => {
    const { code, said } = await start('worker', {
      REDIS_URL: 'redis://127.0.0.1:1',
      DATABASE_URL: 'file:/nonexistent/parley.db',
      PARLEY_LINK_SECRET: 'x'.repeat(32),
    });
    expect(code).toBe(78);
    expect(said).toContain('GEMINI_API_KEY');
  });
});
