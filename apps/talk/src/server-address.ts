import { readFile } from 'node:fs/promises';
import { UsageError, type TalkOptions } from './talk-options.js';

const DEFAULT_URL = 'http://127.0.0.1:8080';

export interface ServerAddress {
  readonly baseUrl: string;
  readonly apiKey: string;
}

/** Where to call and with which key: the command line first, then the file that the launcher wrote. */
export async function findServer(options: TalkOptions): Promise<ServerAddress> {
  const written = options.url && options.key ? {} : await readDevFile(options.devFile);
  const baseUrl = options.url ?? textOf(written, 'url') ?? DEFAULT_URL;
  const apiKey = options.key ?? textOf(written, 'apiKey');
  if (!URL.canParse(baseUrl)) throw new UsageError(`"${baseUrl}" is not an address such as ${DEFAULT_URL}.`);
  if (apiKey) return { baseUrl, apiKey };
  throw new UsageError(
    `No API key: start the service with "npm start", which writes ${options.devFile}, or give --key.`,
  );
}

/** An empty object when there is no such file. */
async function readDevFile(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return {};
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON.`);
  }
}

function textOf(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found = (value as Record<string, unknown>)[name];
  return typeof found === 'string' && found !== '' ? found : undefined;
}
