import { existsSync } from 'node:fs';
import { buildServer } from './build-server.mjs';

await buildServer();
if (existsSync('apps/console/vite.config.ts')) {
  const { build } = await import('vite');
  await build({ configFile: 'apps/console/vite.config.ts', logLevel: 'warn' });
}
