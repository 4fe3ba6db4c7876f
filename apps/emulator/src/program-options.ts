import { parseArgs } from 'node:util';
import { emulatorSettings, settingsOfThisProcess } from '@parley/config';
import { ParleyError } from '@parley/kernel';

/** sysexits.h EX_USAGE. */
const EXIT_USAGE = 64;

const USAGE = `usage: emulator [--host ADDRESS] [--port 0…65535] [--speech real|synthetic|cheap]
                [--frames pretty-binary|compact-text] [--connection-ms N]
What is not given comes from the environment (docs/configuration.md).
`;

export interface ProgramOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly speech: 'real' | 'synthetic' | 'cheap';
  readonly frames: 'pretty-binary' | 'compact-text' | undefined;
  /** Life of a connection, 0 for no limit. */
  readonly connectionMs: number | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly endWithParent: boolean;
}

/** Flags win over the environment; prints what is wrong with either and ends the process. */
export function optionsOfThisProcess(): ProgramOptions {
  const settings = settingsOfThisProcess(emulatorSettings);
  try {
    return { ...settings, ...readFlags(process.argv.slice(2)) };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(EXIT_USAGE);
  }
}

type Flags = Partial<Pick<ProgramOptions, 'host' | 'port' | 'speech'>> &
  Pick<ProgramOptions, 'frames' | 'connectionMs'>;

function readFlags(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      speech: { type: 'string' },
      frames: { type: 'string' },
      'connection-ms': { type: 'string' },
    },
  });
  const port = wholeNumber('port', values.port, 65_535);
  const speech = oneOf('speech', values.speech, ['real', 'synthetic', 'cheap']);
  return {
    ...(values.host !== undefined && { host: values.host }),
    ...(port !== undefined && { port }),
    ...(speech !== undefined && { speech }),
    frames: oneOf('frames', values.frames, ['pretty-binary', 'compact-text']),
    connectionMs: wholeNumber('connection-ms', values['connection-ms'], 2 ** 31 - 1),
  };
}

function wholeNumber(flag: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= max)) throw wrong(flag, `a whole number up to ${max}`);
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
