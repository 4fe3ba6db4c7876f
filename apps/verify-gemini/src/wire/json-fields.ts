export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a JSON object; of anything else undefined. */
export function fieldsOf(value: unknown): Fields | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Fields) : undefined;
}

/** The objects in a JSON array; of anything else none. */
export function objectsIn(value: unknown): readonly Fields[] {
  if (!Array.isArray(value)) return [];
  return value.map(fieldsOf).filter((item) => item !== undefined);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Of a number, or of an integer that proto3 JSON writes as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** Of a proto3 Duration such as "9.5s". */
export function durationMsOf(value: unknown): number | undefined {
  const seconds = /^(-?\d+(?:\.\d+)?)s$/.exec(textOf(value) ?? '')?.[1];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1_000);
}
