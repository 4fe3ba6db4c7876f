import { ParleyError, toParleyError, type CancelTimer, type Clock } from '@parley/kernel';
import type { Placement, SessionDirectory } from '@parley/placement';
import type { FrameChannel, RelayClient } from '@parley/relay';
import type { ResumeGrant, ResumeTokens } from '@parley/tenancy';
import { encodeRelayOpen, parseClientMessage, type ServerMessage } from '@parley/wire';
import { frameOfBytes, frameOfMessage } from '../live/client-frames.js';
import { MessageAllowance } from '../live/message-allowance.js';
import type { PostedItem } from './posted-items.js';

/** A line that nothing was written to for so long is given back. */
export const WRITER_IDLE_MS = 30_000;
/** Lines of this gateway at most. */
export const MAX_WRITER_LINES = 1_000;
const OPEN_DEADLINE_MS = 5_000;

export interface WriterLinesParts {
  readonly tokens: Pick<ResumeTokens, 'open'>;
  readonly directory: Pick<SessionDirectory, 'find'>;
  readonly relay: Pick<RelayClient, 'open'>;
  readonly clock: Clock;
}

interface WriterLine {
  readonly channel: Promise<FrameChannel>;
  readonly allowance: MessageAllowance;
  cancelIdle: CancelTimer;
}

/**
 * Ways up to runs whose event streams other gateways hold, so that a client's posts may come to any of them: a channel
 * that only writes, opened with the client's resume token. Answers go down the client's event stream.
 *
 * 1. A run has at most one line here, for the attach that its token names; it is given back when it is idle or lost.
 * 2. A post is taken as a whole or not at all: what is wrong with one of its items refuses it.
 */
export class WriterLines {
  readonly #parts: WriterLinesParts;
  readonly #lines = new Map<string, WriterLine>();

  constructor(parts: WriterLinesParts) {
    this.#parts = parts;
  }

  /** Resolves with what is answered at once. Throws `ParleyError`: of the token, of an item, or of the run. */
  async post(resumeToken: string, items: readonly PostedItem[]): Promise<readonly ServerMessage[]> {
    const resume = await this.#parts.tokens.open(resumeToken);
    const { up, answers } = sorted(items);
    const line = this.#line(resume);
    const channel = await line.channel;
    if (!items.every(() => line.allowance.take())) throw behind();
    for (const item of up) {
      // media that finds no room is dropped, as on every way up; a message is not
      if ('media' in item) channel.sendMedia(item.media, 0);
      else if (!channel.sendControl(item.control)) throw behind();
    }
    return answers;
  }

  close(): void {
    for (const [key, line] of [...this.#lines]) this.#drop(key, line);
  }

  #line(resume: ResumeGrant): WriterLine {
    const key = `${resume.liveId}/${resume.attach}`;
    const known = this.#lines.get(key);
    if (known) {
      known.cancelIdle();
      known.cancelIdle = this.#idle(key, known);
      return known;
    }
    if (this.#lines.size >= MAX_WRITER_LINES) throw behind();
    const line: WriterLine = {
      channel: this.#open(resume),
      allowance: new MessageAllowance(this.#parts.clock),
      cancelIdle: () => undefined,
    };
    line.cancelIdle = this.#idle(key, line);
    this.#lines.set(key, line);
    line.channel.then(
      (channel) =>
        channel.listen({
          onControl: () => undefined,
          onMedia: (frame) => channel.grantMedia(frame.byteLength),
          onClose: () => this.#drop(key, line),
        }),
      () => this.#drop(key, line),
    );
    return line;
  }

  async #open(resume: ResumeGrant): Promise<FrameChannel> {
    const { grant, liveId, attach } = resume;
    const { address, workerId, incarnation, epoch } = await this.#placementOf(resume);
    return this.#parts.relay.open({
      address,
      workerId,
      expectIncarnation: incarnation,
      liveId,
      epoch,
      attach,
      payload: encodeRelayOpen({ ...grant, liveId, role: 'writer', after: attach }),
      deadlineMs: OPEN_DEADLINE_MS,
    });
  }

  /** Where the run is now; while Redis is away, where it was when the token was made. */
  async #placementOf(resume: ResumeGrant): Promise<Placement> {
    try {
      const found = await this.#parts.directory.find(resume.liveId);
      if (found) return found;
    } catch (thrown) {
      if (toParleyError(thrown).code === 'control_plane_unavailable') return resume;
      throw thrown;
    }
    throw new ParleyError('session_not_found', 'This call is over.', { kind: 'not_found' });
  }

  #idle(key: string, line: WriterLine): CancelTimer {
    return this.#parts.clock.after(WRITER_IDLE_MS, () => this.#drop(key, line));
  }

  #drop(key: string, line: WriterLine): void {
    if (this.#lines.get(key) !== line) return;
    this.#lines.delete(key);
    line.cancelIdle();
    void line.channel.then(
      (channel) => channel.close('detached'),
      () => undefined,
    );
  }
}

type Upward = { readonly control: Uint8Array } | { readonly media: Uint8Array };

/** What goes up, and what is answered here. Throws `ParleyError` for the first thing that is wrong. */
function sorted(items: readonly PostedItem[]): { up: Upward[]; answers: ServerMessage[] } {
  const up: Upward[] = [];
  const answers: ServerMessage[] = [];
  for (const item of items) {
    if ('frame' in item) {
      up.push({ media: frameOfBytes(item.frame).bytes });
      continue;
    }
    const message = parseClientMessage(item.json);
    switch (message.type) {
      case 'ping':
        answers.push({ type: 'pong', ...(message.t === undefined ? {} : { t: message.t }) });
        break;
      case 'audio':
      case 'image':
        up.push({ media: frameOfMessage(message).bytes });
        break;
      case 'hello':
        throw new ParleyError('invalid_message', 'hello opens a stream; it is not posted to one.', {
          kind: 'invalid_argument',
        });
      default:
        up.push({ control: new TextEncoder().encode(item.json) });
    }
  }
  return { up, answers };
}

function behind(): ParleyError {
  return new ParleyError('rate_limited', 'This can not be taken just now; send it again.', {
    kind: 'resource_exhausted',
    retryable: true,
    retryAfterMs: 1_000,
  });
}
