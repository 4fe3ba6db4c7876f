import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { emulatorSettings, SettingsError, settingsOfThisProcess, type SettingsOf } from '@parley/config';
import { ParleyError } from '@parley/kernel';

/** sysexits.h EX_USAGE. */
const EXIT_USAGE = 64;
/** sysexits.h EX_CONFIG. */
export const EXIT_CONFIG = 78;

const USAGE = `usage: emulator [--host ADDRESS] [--port 0…65535] [--speech real|synthetic|cheap]
                [--scenarios DIR] [--strict-v1] [--frames pretty-binary|compact-text]
                [--connection-ms N] [--time-scale N] [--control-secret-file FILE]
                [--resumption-redis redis://… --resumption-secret-file FILE] [--welcome] [--help]
What is not given comes from the environment (docs/configuration.md).
`;

type Settings = SettingsOf<typeof emulatorSettings>;

export interface ProgramOptions extends Pick<Settings, 'host' | 'logLevel' | 'endWithParent'> {
  /** 0 takes a free one. */
  readonly port: number;
  readonly speech: 'real' | 'synthetic' | 'cheap';
  /** Folder with scenarios beside those that are built in. */
  readonly scenarioFolder: string | undefined;
  /** Version v1 has no live services. */
  readonly strictV1: boolean;
  readonly frames: 'pretty-binary' | 'compact-text' | undefined;
  /** Life of a connection, 0 for no limit. */
  readonly connectionMs: number | undefined;
  /** How many times faster connections and sessions age. */
  readonly timeScale: number | undefined;
  /** Where snapshots are kept for resumption, and what signs their handles; undefined keeps them in memory. */
  readonly resumption: { readonly redisUrl: string; readonly secret: string } | undefined;
  /** Opens the control API. */
  readonly controlSecret: string | undefined;
  /** Says in plain words how to use it, although nobody may be there to read. */
  readonly welcome: boolean;
}

/** Prints what is wrong with the flags or the environment and ends the process; the usage, when that is asked for. */
export function optionsOfThisProcess(): ProgramOptions {
  const args = process.argv.slice(2);
  if (args.includes('--help')) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
  const settings = settingsOfThisProcess(emulatorSettings);
  try {
    return readProgramOptions(args, settings);
  } catch (error) {
    const ofSettings = error instanceof SettingsError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${message}\n${ofSettings ? '' : USAGE}`);
    process.exit(ofSettings ? EXIT_CONFIG : EXIT_USAGE);
  }
}

/** Flags win over settings, each by itself. Throws for a wrong flag, and `SettingsError` for settings that don't fit. */
export function readProgramOptions(args: readonly string[], settings: Settings): ProgramOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      speech: { type: 'string' },
      scenarios: { type: 'string' },
      'strict-v1': { type: 'boolean' },
      frames: { type: 'string' },
      'connection-ms': { type: 'string' },
      'time-scale': { type: 'string' },
      'control-secret-file': { type: 'string' },
      'resumption-redis': { type: 'string' },
      'resumption-secret-file': { type: 'string' },
      welcome: { type: 'boolean' },
    },
  });
  return {
    host: values.host ?? settings.host,
    port: wholeNumber('port', values.port, 0, 65_535) ?? settings.port,
    speech: oneOf('speech', values.speech, ['real', 'synthetic', 'cheap']) ?? settings.speech,
    scenarioFolder: values.scenarios,
    strictV1: values['strict-v1'] ?? false,
    frames: oneOf('frames', values.frames, ['pretty-binary', 'compact-text']),
    connectionMs: wholeNumber('connection-ms', values['connection-ms'], 0, 2 ** 31 - 1),
    timeScale: wholeNumber('time-scale', values['time-scale'], 1, 100_000),
    resumption: resumptionFrom(
      values['resumption-redis'],
      settings.resumptionRedisUrl,
      secretFrom('resumption-secret-file', values['resumption-secret-file']) ?? settings.resumptionSecret,
    ),
    controlSecret: secretFrom('control-secret-file', values['control-secret-file']) ?? settings.controlSecret,
    welcome: values.welcome ?? false,
    logLevel: settings.logLevel,
    endWithParent: settings.endWithParent,
  };
}

/** A secret alone signs nothing: handles kept in memory have one of their own. */
function resumptionFrom(
  ofFlags: string | undefined,
  ofSettings: string | undefined,
  secret: string | undefined,
): ProgramOptions['resumption'] {
  const redisUrl = ofFlags ?? ofSettings;
  if (redisUrl === undefined) return undefined;
  if (secret !== undefined) return { redisUrl, secret };
  if (ofFlags !== undefined) throw wrong('resumption-secret-file', 'given with --resumption-redis');
  throw new SettingsError([
    'PARLEY_EMULATOR_RESUMPTION_SECRET is missing: PARLEY_EMULATOR_RESUMPTION_REDIS_URL needs it',
  ]);
}

function secretFrom(flag: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const secret = readFileSync(file, 'utf8').trim();
  if (secret === '') throw wrong(flag, 'a file with a secret in it');
  return secret;
}

function wholeNumber(flag: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) throw wrong(flag, `a whole number from ${min} to ${max}`);
  return value;
}

function oneOf<T extends string>(
  flag: string,
  text: string | undefined,
  options: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const option = options.find((each) => each === text);
  if (option === undefined) throw wrong(flag, options.join(', '));
  return option;
}

function wrong(flag: string, expected: string): ParleyError {
  return new ParleyError('invalid_config', `--${flag} must be ${expected}.`, { kind: 'invalid_argument' });
}
