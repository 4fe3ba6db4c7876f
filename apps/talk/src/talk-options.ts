import { parseArgs } from 'node:util';

export type TalkMode =
  | { readonly name: 'type' }
  | { readonly name: 'text'; readonly text: string }
  | { readonly name: 'wav'; readonly file: string; readonly callers: number };

export interface TalkOptions {
  readonly mode: TalkMode;
  /** Undefined: what the launcher wrote, else the default. */
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly devFile: string;
  readonly agent: string | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string;
  readonly voice: string | undefined;
  readonly out: string | undefined;
  readonly json: boolean;
  readonly capMs: number | undefined;
}

/** A command line that cannot be carried out; the message says why. */
export class UsageError extends Error {}

export const HELP = `Talk with an agent from a terminal.

  npm run talk                                type with the agent; /help lists the commands
  npm run talk -- --text "What time is it?"   one message, one answer
  npm run talk -- --wav hello.wav             speak a recording in real time, keep the spoken answer

Options
  --url URL         address of the gateway (default: from the dev file, else http://127.0.0.1:8080)
  --key KEY         API key (default: from the dev file)
  --dev-file FILE   what "npm start" wrote: {"url", "apiKey"} (default .parley/dev.json)
  --agent NAME      the agent to call (default: the first that the server lists)
  --session ID      call this session again; the agent remembers it
  --user ID         who is calling (default "terminal")
  --voice NAME      the voice of the agent, such as Kore
  --wav FILE        a WAV file of any rate, mono or stereo
  --out FILE        where the agent's speech goes, WAV 24 kHz mono (default reply.wav with --wav)
  --callers N       N callers at once with the same recording; FILE becomes FILE-1, FILE-2, …
  --seconds N       hang up after N seconds at the latest, which is no error
  --json            one JSON object a line instead of text
  --help            this text

Exit status: 0 when the answer is complete and was played out, 1 when the call failed, 2 for a wrong command line.`;

/** Reads the command line; undefined when it asks for help. Throws `UsageError`. */
export function readOptions(args: readonly string[]): TalkOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const callers = wholeNumber('--callers', values.callers) ?? 1;
  if (values.text !== undefined && values.wav !== undefined) {
    throw new UsageError('Choose one of --text and --wav.');
  }
  if (callers > 1 && values.wav === undefined)
    throw new UsageError('--callers needs a recording: --wav FILE.');
  if (callers > 1 && values.session !== undefined) {
    throw new UsageError('Several callers cannot share one session: leave out --session or --callers.');
  }
  const seconds = wholeNumber('--seconds', values.seconds);
  return {
    mode: modeOf(values.text, values.wav, callers),
    url: values.url,
    key: values.key,
    devFile: values['dev-file'],
    agent: values.agent,
    sessionId: values.session,
    userId: values.user,
    voice: values.voice,
    out: values.out ?? (values.wav === undefined ? undefined : 'reply.wav'),
    json: values.json,
    capMs: seconds === undefined ? undefined : seconds * 1000,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        url: { type: 'string' },
        key: { type: 'string' },
        'dev-file': { type: 'string', default: '.parley/dev.json' },
        agent: { type: 'string' },
        session: { type: 'string' },
        user: { type: 'string', default: 'terminal' },
        voice: { type: 'string' },
        text: { type: 'string' },
        wav: { type: 'string' },
        out: { type: 'string' },
        callers: { type: 'string' },
        seconds: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (thrown) {
    throw new UsageError(thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function modeOf(text: string | undefined, wav: string | undefined, callers: number): TalkMode {
  if (text !== undefined) return { name: 'text', text };
  return wav === undefined ? { name: 'type' } : { name: 'wav', file: wav, callers };
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`${name} wants a whole number above 0.`);
  return value;
}
