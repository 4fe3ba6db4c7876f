import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { newId, ParleyError, toParleyError, type Log } from '@parley/kernel';
import { ERROR_TABLE } from '@parley/wire';

interface HttpReply {
  readonly headersSent: boolean;
  status(code: number): HttpReply;
  set(name: string, value: string): HttpReply;
  type(contentType: string): HttpReply;
  send(body: string): void;
}

/** Turns whatever an HTTP handler throws into `application/problem+json` (RFC 9457) by the one error table. */
@Catch()
export class ParleyErrorFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<HttpReply>();
    if (reply.headersSent) return;
    if (thrown instanceof HttpException && !isUnderstood(thrown)) {
      reply.status(thrown.getStatus()).type('application/json').send(JSON.stringify(thrown.getResponse()));
      return;
    }
    const error = thrown instanceof HttpException ? fromHttp(thrown) : toParleyError(thrown);
    const row = ERROR_TABLE[error.code];
    const requestId = newId('req');
    if (row.http >= 500) this.#log.error('a request failed', { requestId, code: error.code, error });
    if (error.retryAfterMs !== undefined)
      reply.set('retry-after', String(Math.ceil(error.retryAfterMs / 1_000)));
    reply
      .status(row.http)
      .type('application/problem+json')
      .send(
        JSON.stringify({
          type: `urn:parley:error:${error.code}`,
          title: error.code.replaceAll('_', ' '),
          status: row.http,
          detail: error.message,
          code: error.code,
          retryable: error.retryable || row.retryable,
          ...(Object.keys(error.details).length > 0 ? { details: error.details } : {}),
          requestId,
        }),
      );
  }
}

/** Statuses that Nest itself answers with: body parsing and routing. */
function isUnderstood(exception: HttpException): boolean {
  return [400, 404, 413].includes(exception.getStatus());
}

function fromHttp(exception: HttpException): ParleyError {
  switch (exception.getStatus()) {
    case 404:
      return new ParleyError('not_found', 'There is nothing at this address.', { kind: 'not_found' });
    case 413:
      return new ParleyError('frame_too_large', 'The body is too large.', { kind: 'invalid_argument' });
    default:
      return new ParleyError('malformed_json', 'The body is not JSON.', { kind: 'invalid_argument' });
  }
}
