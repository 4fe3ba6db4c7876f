import { readdirSync, existsSync } from 'node:fs';

/** Every program and thread that the build makes: name in `dist/` → source file. */
export function serverEntries() {
  const entries = {};
  for (const app of readdirSync('apps')) {
    const main = `apps/${app}/src/main.ts`;
    if (existsSync(main)) entries[app] = main;
  }
  for (const lib of readdirSync('libs')) {
    const threads = `libs/${lib}/src/threads`;
    if (!existsSync(threads)) continue;
    for (const file of readdirSync(threads)) {
      if (file.endsWith('.thread.ts')) entries[`threads/${file.slice(0, -3)}`] = `${threads}/${file}`;
    }
  }
  for (const file of existsSync('agents') ? readdirSync('agents') : []) {
    if (file.endsWith('.agent.ts')) entries[`agents/${file.slice(0, -3)}`] = `agents/${file}`;
  }
  return entries;
}
