import { startEmulator } from '@parley/emulator';
import { expect, it } from 'vitest';
import { metricsText } from './metrics-text.js';

it('metrics are lines of the Prometheus text format, each with its help and type', async () => {
  const emulator = await startEmulator();
  const lines = metricsText(emulator.stats).trim().split('\n');
  await emulator.close();
  expect(lines.length % 3).toBe(0);
  for (let i = 0; i < lines.length; i += 3) {
    const name = lines[i + 2]?.split(' ')[0] ?? '';
    expect(lines[i]).toMatch(new RegExp(`^# HELP ${name} .+\\.$`));
    expect(lines[i + 1]).toMatch(new RegExp(`^# TYPE ${name} (counter|gauge)$`));
    expect(lines[i + 2]).toMatch(/^[a-z_0-9]+ [\d.e-]+$/);
  }
});
