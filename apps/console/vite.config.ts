import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('./', import.meta.url));
const libs = fileURLToPath(new URL('../../libs/', import.meta.url));

export default defineConfig({
  root: here,
  plugins: [react()],
  resolve: { alias: [{ find: /^@parley\/([a-z-]+)$/, replacement: `${libs}$1/src/index.ts` }] },
  build: { outDir: '../../dist/console', emptyOutDir: true, sourcemap: true, chunkSizeWarningLimit: 800 },
});
