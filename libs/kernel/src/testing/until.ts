/** Resolves when `holds` does, looking after every turn of the event loop; rejects with `what` after the deadline. */
export async function until(what: string, holds: () => boolean, deadlineMs = 10_000): Promise<void> {
  const giveUpAtMs = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > giveUpAtMs) throw new Error(`Waited in vain: ${what}.`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets everything that is already under way on this machine's event loop pass. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
