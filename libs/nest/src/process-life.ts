import { ParleyError, type Log } from '@parley/kernel';

/** sysexits.h EX_CONFIG. */
const EXIT_CONFIG = 78;

/** Longest a process takes to end after it was asked to, beside what it may take to drain. */
const SHUTDOWN_CAP_MS = 5_000;
/** Of a process that says nothing of it. */
const DRAIN_MS = 20_000;

/**
 * Runs `shutDown` once, on SIGTERM, SIGINT, or when the parent that holds this process's standard input is gone
 * (`endWithParent`), and then ends the process: with 0, with 1 when it failed or took too long.
 */
export function onProcessEnd(
  shutDown: () => Promise<void>,
  options: { readonly endWithParent: boolean; readonly drainMs?: number },
): void {
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(1), (options.drainMs ?? DRAIN_MS) + SHUTDOWN_CAP_MS).unref();
    shutDown().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
  if (!options.endWithParent) return;
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdin.resume();
}

/** Tells whoever started this process that it serves, as the first line on standard output. */
export function announceReady(fields: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify({ ready: true, ...fields })}\n`);
}

/** Says why the process can't start, and ends it: with 78 when its configuration is at fault, else with 1. */
export function failStart(error: unknown, log: Log): never {
  const misconfigured =
    error instanceof ParleyError && ['invalid_config', 'provider_config'].includes(error.code);
  if (misconfigured) log.error(error.message);
  else log.error('the process can not start', { error });
  process.exit(misconfigured ? EXIT_CONFIG : 1);
}
