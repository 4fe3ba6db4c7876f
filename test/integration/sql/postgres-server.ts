import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Postgres refuses to run as root; a root test gives it to one of these users. */
const UNPRIVILEGED_USERS = ['postgres', 'nobody'];

const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

interface Account {
  readonly uid?: number;
  readonly gid?: number;
}

/** The directory of `initdb` and `postgres`, or undefined: on the PATH, or where Debian puts them. */
export async function findPostgres(): Promise<string | undefined> {
  const onPath = await run('sh', ['-c', 'command -v initdb && command -v postgres']).catch(() => undefined);
  const initdb = onPath?.stdout.split('\n')[0];
  if (initdb) return dirname(await realpath(initdb));
  const versions = await readdir('/usr/lib/postgresql').catch(() => []);
  const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : `/usr/lib/postgresql/${newest}/bin`;
}

/** A Postgres of the test's own: a new cluster in the temporary directory, on loopback only. */
export class PostgresServer {
  readonly #bin: string;
  readonly #directory: string;
  readonly #account: Account;
  readonly #port: number;
  #process: ChildProcess | undefined;

  private constructor(bin: string, directory: string, account: Account, port: number) {
    this.#bin = bin;
    this.#directory = directory;
    this.#account = account;
    this.#port = port;
  }

  static async create(bin: string): Promise<PostgresServer> {
    const account = await unprivilegedAccount();
    const directory = await mkdtemp(join(tmpdir(), 'parley-postgres-'));
    if (account.uid !== undefined) await chown(directory, account.uid, account.gid ?? account.uid);
    const server = new PostgresServer(bin, directory, account, await freePort());
    try {
      const options = { ...account, cwd: directory, env: { LC_ALL: 'C' } };
      const cluster = ['-D', join(directory, 'data'), ...'-U parley -A trust -E UTF8 --no-sync'.split(' ')];
      await run(join(bin, 'initdb'), cluster, options);
      await server.start();
      return server;
    } catch (error) {
      await server.remove();
      throw error;
    }
  }

  /** As `user`, to `database`; both exist by default. */
  url(user = 'parley', database = 'postgres'): string {
    return `postgres://${user}@127.0.0.1:${this.#port}/${database}`;
  }

  async start(): Promise<void> {
    const settings = [
      'listen_addresses=127.0.0.1',
      'unix_socket_directories=',
      'fsync=off',
      'restart_after_crash=off',
    ];
    const args = ['-D', join(this.#directory, 'data'), '-p', String(this.#port)];
    const child = spawn(
      join(this.#bin, 'postgres'),
      [...args, ...settings.flatMap((setting) => ['-c', setting])],
      {
        ...this.#account,
        cwd: this.#directory,
        env: { LC_ALL: 'C' },
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const timer = setTimeout(
        () => reject(new Error(`postgres did not start:\n${said}`)),
        START_DEADLINE_MS,
      );
      child.once('exit', () => {
        clearTimeout(timer);
        reject(new Error(`postgres ended:\n${said}`));
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (!said.includes('database system is ready to accept connections')) return;
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** `SIGINT` is Postgres' fast shutdown, `SIGQUIT` ends it as a crash would. */
  async stop(signal: 'SIGINT' | 'SIGQUIT' = 'SIGINT'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await ended;
    clearTimeout(timer);
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function unprivilegedAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return {};
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = UNPRIVILEGED_USERS.map((name) => lines.find((fields) => fields[0] === name)).find(Boolean);
  if (!found) throw new Error(`no user to run postgres as: ${UNPRIVILEGED_USERS.join(', ')}`);
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
