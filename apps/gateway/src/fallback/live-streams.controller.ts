import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  HttpStatus,
  Inject,
  Param,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import { ParleyError } from '@parley/kernel';
import { LIVE_PATH, MAX_MESSAGE_BYTES, type ServerMessage } from '@parley/wire';
import { z } from 'zod';
import { LIVE_STREAMS } from '../tokens.js';
import type { LiveStreams } from './live-streams.js';
import type { PostNumber } from './post-order.js';
import { itemsOfBytes, itemsOfJson, readBytes } from './posted-items.js';

interface OpenedStream {
  readonly streamId: string;
  /** Relative to the server: `/events` and `/messages` are under it. */
  readonly url: string;
}

const postNumber = z
  .object({
    'x-parley-seq': z.coerce.number().int().min(1),
    'x-parley-settled': z.coerce.number().int().min(0).default(0),
  })
  .transform((headers): PostNumber => ({
    seq: headers['x-parley-seq'],
    settled: headers['x-parley-settled'],
  }));

/**
 * `live.v1` without a WebSocket, for networks that break them: the events come down as server-sent events, messages
 * and frames go up as posts. The same protocol, the same rules.
 */
@Controller('v1/live/streams')
export class LiveStreamsController {
  readonly #streams: LiveStreams;

  constructor(@Inject(LIVE_STREAMS) streams: LiveStreams) {
    this.#streams = streams;
  }

  /**
   * The body is a `hello`, with a client token or with `resume`. With `Accept: text/event-stream` the answer is the event
   * stream itself, whose first event, `opened`, says the url: then no second request has to find this gateway.
   */
  @Post()
  open(
    @Body() body: unknown,
    @Headers('accept') accept: string | undefined,
    @Res() response: ServerResponse,
  ): void {
    const streamId = this.#streams.open(JSON.stringify(body ?? null));
    const url = `${LIVE_PATH}/streams/${streamId}`;
    if (accept?.includes('text/event-stream')) return this.#streams.read(streamId, response, url);
    const opened: OpenedStream = { streamId, url };
    response.writeHead(HttpStatus.CREATED, { 'content-type': 'application/json' });
    response.end(JSON.stringify(opened));
  }

  @Get(':id/events')
  events(@Param('id') id: string, @Res() response: ServerResponse): void {
    this.#streams.read(id, response);
  }

  /** A JSON array of messages, or `application/octet-stream` of media frames. Answers once they are taken. */
  @Post(':id/messages')
  @HttpCode(HttpStatus.OK)
  async post(
    @Param('id') id: string,
    @Req() request: IncomingMessage,
    @Body() body: unknown,
  ): Promise<readonly ServerMessage[]> {
    const { headers } = request;
    const isBinary = headers['content-type'] === 'application/octet-stream';
    const resumeToken = headers['x-parley-resume'];
    return this.#streams.post(id, {
      items: isBinary ? itemsOfBytes(await readBytes(request)) : itemsOfJson(body),
      number: numberOf(headers),
      bytes: Number(headers['content-length'] ?? MAX_MESSAGE_BYTES),
      resumeToken: typeof resumeToken === 'string' ? resumeToken : undefined,
    });
  }
}

/** Undefined when the client numbers nothing. Throws `ParleyError` `invalid_message`. */
function numberOf(headers: IncomingMessage['headers']): PostNumber | undefined {
  if (headers['x-parley-seq'] === undefined) return undefined;
  const parsed = postNumber.safeParse(headers);
  if (parsed.success) return parsed.data;
  throw new ParleyError('invalid_message', 'X-Parley-Seq counts from 1, X-Parley-Settled from 0.', {
    kind: 'invalid_argument',
  });
}
