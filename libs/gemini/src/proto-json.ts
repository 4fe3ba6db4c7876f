/**
 * Reading proto3 JSON leniently: what is absent or of another type is undefined. int64 come as strings, durations
 * as seconds with an `s`.
 */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** Undefined also for arrays and null. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return isRecord(value) ? value : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A whole number ≥ 0, also when written as a string. */
export function asCount(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** `"9.5s"` → 9500. */
export function asDurationMs(value: unknown): number | undefined {
  const seconds = typeof value === 'string' ? /^(-?\d+(?:\.\d+)?)s$/.exec(value)?.[1] : undefined;
  return seconds === undefined ? undefined : Math.max(0, Math.round(Number(seconds) * 1_000));
}

/** The object in a frame; undefined when it is not JSON, or JSON of another kind. */
export function parseRecord(text: string): JsonRecord | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
