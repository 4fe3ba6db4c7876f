import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One key of the environment: what it is called, what it may be, what it is for. */
export interface Setting<T> {
  readonly env: string;
  /** Parses the text; `undefined` (not set) goes through it too, so defaults live here. */
  readonly schema: z.ZodType<T>;
  /** One line for docs/configuration.md, with the unit. */
  readonly description: string;
  /** May also be given as a file's path in `<env>_FILE`; never printed. */
  readonly secret: boolean;
}

export type SettingTable = Readonly<Record<string, Setting<unknown>>>;

export type SettingsOf<Table extends SettingTable> = {
  readonly [K in keyof Table]: Table[K] extends Setting<infer T> ? T : never;
};

export function setting<T>(env: string, schema: z.ZodType<T>, description: string): Setting<T> {
  return { env, schema, description, secret: false };
}

export function secret<T>(env: string, schema: z.ZodType<T>, description: string): Setting<T> {
  return { env, schema, description, secret: true };
}

/** Text → integer within bounds. */
export const integer = (min: number, max: number): z.ZodType<number, string | undefined> =>
  z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));

export const integerOr = (
  fallback: number,
  min: number,
  max: number,
): z.ZodType<number, string | undefined> =>
  z.union([z.undefined().transform(() => fallback), integer(min, max)]);

export const textOr = (fallback: string): z.ZodType<string, string | undefined> =>
  z.string().default(fallback);

export const optionalText: z.ZodType<string | undefined> = z.string().optional();

/** Everything that is wrong with the environment, at once. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings are not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads every setting of `table`; an empty value counts as not set. Throws `SettingsError` with all problems. */
export function readSettings<Table extends SettingTable>(table: Table, env: Environment): SettingsOf<Table> {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(table)) {
    const text = rawValue(entry, env, problems);
    const parsed = entry.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else problems.push(problemOf(entry, text, parsed.error));
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as SettingsOf<Table>;
}

function rawValue(entry: Setting<unknown>, env: Environment, problems: string[]): string | undefined {
  const direct = env[entry.env] || undefined;
  const path = entry.secret ? env[`${entry.env}_FILE`] || undefined : undefined;
  if (path === undefined) return direct;
  if (direct !== undefined) {
    problems.push(`${entry.env} and ${entry.env}_FILE are both set; give one`);
    return direct;
  }
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    problems.push(`${entry.env}_FILE: the file can not be read`);
    return undefined;
  }
}

function problemOf(entry: Setting<unknown>, text: string | undefined, error: z.ZodError): string {
  if (text === undefined) return `${entry.env} is missing: ${entry.description}`;
  const shown = entry.secret ? '' : ` (is "${text}")`;
  const reasons = new Set(error.issues.map((issue) => issue.message));
  return `${entry.env}: ${[...reasons].join('; ')}${shown}: ${entry.description}`;
}
