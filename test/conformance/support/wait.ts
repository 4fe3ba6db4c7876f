/** Long enough for a slow machine; a wait that succeeds ends at once. */
const DEADLINE_MS = 10_000;
const LOOK_EVERY_MS = 2;

/** What `find` finds, as soon as it finds something; rejects with what was awaited and what is there instead. */
export async function found<T>(what: string, find: () => T | undefined, seen: () => string): Promise<T> {
  const giveUpAtMs = performance.now() + DEADLINE_MS;
  for (;;) {
    const it = find();
    if (it !== undefined) return it;
    if (performance.now() > giveUpAtMs)
      throw new Error(`waited in vain for ${what}; so far: ${seen() || 'nothing'}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Resolves once `holds`. */
export async function until(what: string, holds: () => boolean, seen: () => string): Promise<void> {
  await found(what, () => holds() || undefined, seen);
}

/** Whether everything in `part` is in `whole` at the same place; `undefined` in `part` means absent. */
export function includes(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(whole, part);
  if (typeof whole !== 'object' || whole === null) return false;
  return Object.entries(part).every(([name, value]) =>
    includes((whole as Readonly<Record<string, unknown>>)[name], value),
  );
}

/** Fields that have to be there, at any depth. */
export type Shape<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Shape<Item>[]
    : T extends object
      ? { readonly [Key in keyof T]?: Shape<T[Key]> | undefined }
      : T;
