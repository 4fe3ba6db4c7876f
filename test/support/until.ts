const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** Resolves once `condition` holds; rejects with what was waited for when it never does. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = DEADLINE_MS,
): Promise<void> {
  const giveUpAtMs = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAtMs) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
