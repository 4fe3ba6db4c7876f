import { readSettings, SettingsError, type SettingsOf, type SettingTable } from './setting.js';

/** sysexits.h EX_CONFIG. */
const EXIT_CONFIG = 78;

/** The process's own settings; prints every problem and ends the process when they are not valid. */
export function settingsOfThisProcess<Table extends SettingTable>(table: Table): SettingsOf<Table> {
  try {
    return readSettings(table, process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

/** The environment that a child process gets: this one's without any name in `without`, then `add`. */
export function childEnvironment(
  add: Readonly<Record<string, string>>,
  without: readonly string[],
): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !without.includes(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...add };
}
