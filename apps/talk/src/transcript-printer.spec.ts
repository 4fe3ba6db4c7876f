import { ParleyClient } from '@parley/client';
import { MemoryGateway, MemoryTransport, READY } from '@parley-testing/client';
import { ManualClock } from '@parley-testing/kernel';
import { describe, expect, it } from 'vitest';
import { TranscriptPrinter, type PrinterOptions } from './transcript-printer.js';

async function makeCall(options: Partial<PrinterOptions> = {}) {
  const clock = new ManualClock();
  const line = new MemoryTransport();
  const client = new ParleyClient({ transport: line, token: 't', clock });
  const written: string[] = [];
  const defaults = { write: (text: string) => written.push(text), json: false, growing: false, label: '' };
  new TranscriptPrinter(clock, { ...defaults, ...options }).follow(client);
  const connected = client.connect();
  line.accept();
  line.say(READY);
  await connected;
  written.length = 0;
  return { clock, line, client, written };
}

const spoken = (text: string, finished = false) => ({
  outputTranscription: { text, finished },
  partial: !finished,
});

describe('TranscriptPrinter', () => {
  it('prints a caption when it is final, with the time at which it began', async () => {
    const { clock, line, written } = await makeCall();
    await clock.advance(2_310);
    line.sayEvent(1, spoken('Good'));
    await clock.advance(1_000);
    line.sayEvent(1, spoken('Good evening.', true));
    expect(written).toEqual(['[ 2.31s] concierge: Good evening.\n']);
  });

  it('rewrites the growing line where it may', async () => {
    const { line, written } = await makeCall({ growing: true });
    line.sayEvent(1, spoken('Good'));
    line.sayEvent(1, spoken('Good evening.', true));
    expect(written).toEqual([
      '\r\u001b[2K[ 0.00s] concierge: Good…',
      '\r\u001b[2K[ 0.00s] concierge: Good evening.\n',
    ]);
  });

  it('prints an interruption after the words that it cut off', async () => {
    const { clock, line, written } = await makeCall();
    line.sayEvent(1, spoken('I was about'));
    await clock.advance(1_000);
    line.sayEvent(1, { interrupted: true });
    expect(written).toEqual(['[ 0.00s] concierge: I was about\n', '[ 1.00s] — interrupted —\n']);
  });

  it('prints tools with what goes in and comes out', async () => {
    const { line, written } = await makeCall({ label: '#2 ' });
    line.sayEvent(1, { content: { parts: [{ functionCall: { id: 'c', name: 'look', args: { at: 1 } } }] } });
    line.sayEvent(1, {
      content: { parts: [{ functionResponse: { id: 'c', name: 'look', response: { seen: true } } }] },
    });
    expect(written).toEqual(['#2 [ 0.00s] tool look {"at":1}\n', '#2 [ 0.00s] tool look → {"seen":true}\n']);
  });

  it('says that the line is lost, and that the call is back', async () => {
    const clock = new ManualClock();
    const gateway = new MemoryGateway();
    const client = new ParleyClient({ dial: gateway.dial, token: 't', clock, random: () => 0 });
    const written: string[] = [];
    const write = (text: string): void => void written.push(text);
    new TranscriptPrinter(clock, { write, json: false, growing: false, label: '' }).follow(client);
    const connected = client.connect();
    gateway.ready();
    await connected;
    written.length = 0;
    gateway.line.hangUp(1006);
    await clock.advance(0);
    gateway.line.hangUp(1006, 'refused');
    await clock.advance(250);
    gateway.resume();
    expect(written).toEqual([
      '[ 0.00s] the line is lost (close code 1006), reconnecting…\n',
      '[ 0.00s] no line yet (refused), attempt 2\n',
      '[ 0.25s] back after 0.25 s\n',
    ]);
  });

  it('prints one object a line when asked for JSON', async () => {
    const { clock, line, client, written } = await makeCall({ json: true });
    client.sendText('Hello');
    await clock.advance(600);
    line.speak(1, 40);
    line.sayEvent(1, { interrupted: true });
    expect(written.map((text): unknown => JSON.parse(text))).toMatchObject([
      { atMs: 0, type: 'caption', speaker: 'user', text: 'Hello', final: true },
      { atMs: 600, type: 'firstAudio', waitedMs: 600 },
      { atMs: 600, type: 'interrupted', turn: 1 },
    ]);
  });
});
