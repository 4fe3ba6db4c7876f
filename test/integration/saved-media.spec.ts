import { FileArtifactService } from '@parley/artifacts';
import { readWav, readWavPcm16, rmsDbfs } from '@parley/audio';
import { readWatermark } from '@parley/emulator';
import type { Event } from '@parley/event';
import { parseArtifactUri } from '@parley/live';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { speech } from '@parley-testing/emulator';
import type { Caller } from '../support/caller.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

const SAID = 'my favourite colour is green';
const SPEECH = speech(SAID, { leadMs: 300, tailMs: 1_200 });

describe('a call with saveLiveBlob', () => {
  let service: Service;
  beforeAll(async () => {
    service = await Service.start();
  });
  afterAll(() => service.stop());

  it('leaves what both sides said as playable files that its events point at (C6)', async () => {
    const caller = await service.call({ runConfig: { saveLiveBlob: true } });
    await caller.speak(SPEECH, 4);
    await until('the answer is complete', () => caller.heard.completed.length > 0);
    await until('both sides are saved', () => filesOf(caller.heard.events).length === 2);
    await caller.end();

    const [input, output] = await Promise.all(
      ['user', 'concierge'].map((author) => recording(caller, author)),
    );
    expect([input?.rateHz, output?.rateHz]).toEqual([16_000, 24_000]);
    for (const file of [input, output]) expect(rmsDbfs(file?.pcm16 ?? new Uint8Array())).toBeGreaterThan(-40);
    expect(readWatermark(input?.pcm16 ?? new Uint8Array())).toBe(SAID);
    const caption = caller.heard.captions.findLast(({ speaker, final }) => speaker === 'agent' && final);
    expect(readWatermark(output?.pcm16 ?? new Uint8Array())).toBe(caption?.text);

    const stored = await service.stored(caller.grant);
    expect(filesOf(stored)).toEqual(filesOf(caller.heard.events));
    expect(stored.filter((event) => event.turnComplete)).toHaveLength(1);
  });

  it('leaves an answer that was cut off as far as it was said (C7)', async () => {
    const caller = await service.call({ agent: 'storyteller', runConfig: { saveLiveBlob: true } });
    caller.client.sendText('Tell me a long story about the sea.');
    await until('the story begins', () => caller.heard.audio.length > 5);
    caller.client.interrupt();
    await until('the story is saved', () => filesOf(caller.heard.events).length > 0);
    await caller.end();
    const { rateHz, pcm16 } = await recording(caller, 'storyteller');
    const told = caller.heard.events.find((event) => event.outputTranscription?.finished);
    expect(rateHz).toBe(24_000);
    expect(readWatermark(pcm16)).not.toBe('');
    expect(told?.outputTranscription?.text.startsWith(readWatermark(pcm16))).toBe(true);
    expect((await service.stored(caller.grant)).filter((event) => event.interrupted)).not.toEqual([]);
  });

  /** The one file of `author`, from the folder in which it was saved. */
  async function recording(caller: Caller, author: string): Promise<ReturnType<typeof readWavPcm16>> {
    const event = caller.heard.events.find((each) => each.author === author && filesOf([each]).length > 0);
    const [file] = filesOf(event ? [event] : []);
    const { filename, version, ...named } = parseArtifactUri(file?.fileUri ?? '') ?? {};
    expect(file?.mimeType).toBe('audio/wav');
    const { tenantId: _, ...whose } = service.keyOf(caller.grant);
    expect(named).toEqual(whose);
    expect(event?.actions.artifactDelta).toEqual({ [filename ?? '']: version });
    const folder = new FileArtifactService({ rootDirectory: join(service.dataDir, 'artifacts') });
    const saved = await folder.loadArtifact(
      { ...service.keyOf(caller.grant), filename: filename ?? '' },
      version,
    );
    const bytes = saved?.inlineData?.data ?? new Uint8Array();
    expect(readWav(bytes).samples.length).toBeGreaterThan(0);
    return readWavPcm16(bytes);
  }
});

/** What the events point at. */
function filesOf(events: readonly Event[]): { readonly fileUri: string; readonly mimeType?: string }[] {
  return events.flatMap(({ content }) => content?.parts.flatMap(({ fileData }) => fileData ?? []) ?? []);
}
