import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ParleyError, toParleyError } from '@parley/kernel';
import { isJsonObject, type JsonObject } from '../codec/json-object.js';
import { readFault } from '../fault/fault.js';
import { readFaultRules } from '../fault/fault-plan.js';
import type { EmulatedSession } from './emulated-session.js';
import type { EmulatorControl } from './emulator-control.js';

const MAX_BODY_BYTES = 256 * 1024;

type Serve = (control: EmulatorControl, id: string, readBody: () => Promise<JsonObject>) => unknown;
type TakeStep = (control: EmulatorControl, id: string, body: JsonObject) => void;

/** What a session can be made to do, by the name of the step. */
export const CONTROL_STEPS: ReadonlyMap<unknown, TakeStep> = new Map<unknown, TakeStep>([
  ['say', (control, id, { text }) => control.say(id, asText(text))],
  ['call', (control, id, { name, args }) => control.call(id, asText(name), isJsonObject(args) ? args : {})],
  [
    'goAway',
    (control, id, { timeLeftMs }) => control.goAway(id, typeof timeLeftMs === 'number' ? { timeLeftMs } : {}),
  ],
  [
    'close',
    (control, id, { code, reason }) =>
      control.close(id, {
        ...(isCloseCode(code) && { code }),
        ...(typeof reason === 'string' && { reason }),
      }),
  ],
  ['drop', (control, id) => control.drop(id)],
  ['fault', (control, id, { fault }) => control.strike(id, readFault(fault))],
]);

/** By method and path, in which `{id}` stands for what names a session. */
export const CONTROL_REQUESTS: ReadonlyMap<string, Serve> = new Map<string, Serve>([
  ['GET /__emu/sessions', (control) => ({ sessions: control.sessions().map(describe) })],
  ['GET /__emu/sessions/{id}', (control, id) => describe(control.session(id))],
  ['GET /__emu/sessions/{id}/events', (control, id) => ({ events: control.session(id).events })],
  [
    'POST /__emu/sessions/{id}/steps',
    async (control, id, readBody) => {
      const body = await readBody();
      const take = CONTROL_STEPS.get(body.step);
      if (!take) throw incompleteStep();
      take(control, id, body);
    },
  ],
  ['GET /__emu/transcripts/{id}', (control, id) => ({ lines: control.transcriptOf(id) })],
  ['GET /__emu/faults', (control) => ({ rules: control.faults })],
  [
    'PUT /__emu/faults',
    async (control, _id, readBody) => control.setFaults(readFaultRules((await readBody()).rules)),
  ],
]);

/**
 * The control API under `/__emu/`, for whoever has the secret (`authorization: Bearer …`): see the README. Answers
 * whether the request was for it.
 */
export class ControlRequests {
  readonly #control: EmulatorControl;
  readonly #secret: string;

  constructor(control: EmulatorControl, secret: string) {
    this.#control = control;
    this.#secret = secret;
  }

  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = ''] = (request.url ?? '/').split('?', 1);
    const [prefix, ...segments] = path.split('/').filter((segment) => segment !== '');
    if (prefix !== '__emu') return false;
    if (!this.#allows(request)) {
      write(response, 401, { error: 'The control secret is missing or wrong.' });
      return true;
    }
    this.#serve(request, segments).then(
      (body) => write(response, body === undefined ? 204 : 200, body),
      (thrown: unknown) => {
        const { kind, message } = toParleyError(thrown);
        write(response, STATUS_OF_KIND[kind] ?? 500, { error: message });
      },
    );
    return true;
  }

  #allows({ headers }: IncomingMessage): boolean {
    const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
    return timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${this.#secret}`));
  }

  async #serve(
    request: IncomingMessage,
    [what, id = '', part, ...more]: readonly string[],
  ): Promise<unknown> {
    const path = ['/__emu', what, id && '{id}', part, ...more].filter(Boolean).join('/');
    const serve = CONTROL_REQUESTS.get(`${request.method} ${path}`);
    if (!serve) throw new ParleyError('not_found', 'There is no such control.', { kind: 'not_found' });
    return serve(this.#control, id, () => readBody(request));
  }
}

const STATUS_OF_KIND: Readonly<Record<string, number>> = { invalid_argument: 400, not_found: 404 };

function describe({ id, label, scenario, api, lineage, setup }: EmulatedSession): object {
  return { id, label, scenario, api, lineage, model: setup?.model };
}

async function readBody(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw badRequest('The body is too large.');
    chunks.push(piece);
  }
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw badRequest('The body is not JSON.');
  }
  if (!isJsonObject(body)) throw badRequest('The body is not an object.');
  return body;
}

function write(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

function asText(value: unknown): string {
  if (typeof value !== 'string') throw incompleteStep();
  return value;
}

/** What a WebSocket may send in a close frame. */
function isCloseCode(code: unknown): code is number {
  return (
    typeof code === 'number' &&
    ((code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999))
  );
}

function incompleteStep(): ParleyError {
  return badRequest('The step is not known, or not complete.');
}

function badRequest(message: string): ParleyError {
  return new ParleyError('invalid_message', message, { kind: 'invalid_argument' });
}
