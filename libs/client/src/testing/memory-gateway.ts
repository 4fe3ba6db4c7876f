import type { ClientMessageInput, ResumedMessage } from '@parley/wire';
import { MemoryTransport, Numbering, READY } from './memory-transport.js';

type Resume = Extract<ClientMessageInput, { readonly type: 'hello' }>['resume'];

/** A server in memory, as far as a call's lines go: each `dial` is a new line to it, `line` the newest one. */
export class MemoryGateway {
  readonly lines: MemoryTransport[] = [];
  readonly numbering = new Numbering();
  #tokens = 0;

  readonly dial = (): MemoryTransport => {
    const line = new MemoryTransport(this.numbering);
    this.lines.push(line);
    return line;
  };

  get line(): MemoryTransport {
    const line = this.lines.at(-1);
    if (!line) throw new Error('Nobody has dialled.');
    return line;
  }

  /** Takes the first line of a call, with a way back. */
  ready(windowMs = 120_000): void {
    this.line.accept();
    this.line.say(READY);
    this.giveWayBack(windowMs);
  }

  /** Takes the call up again on the newest line; returns what the client asked for. */
  resume(resumed: Partial<ResumedMessage> = {}): Resume {
    this.line.accept();
    const hello = this.line.messages.find((message) => message.type === 'hello');
    this.line.say({
      type: 'resumed',
      cause: 'client',
      recovered: true,
      mode: 'live',
      gapMs: 0,
      ...resumed,
    });
    this.giveWayBack();
    return hello?.resume;
  }

  giveWayBack(windowMs = 120_000): void {
    this.#tokens += 1;
    this.line.say({ type: 'resume', token: `way-back-${this.#tokens}`, windowMs });
  }
}
