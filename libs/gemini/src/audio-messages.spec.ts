import type { LiveServerMessage } from '@parley/live';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AudioMessageReader, type AudioMessage } from './audio-messages.js';
import { parseRecord } from './proto-json.js';
import { mapServerMessage } from './server-message-mapper.js';

const PCM = 'audio/pcm;rate=24000';

/** What the port gets when nothing is recognised: the whole frame parsed. */
function slowly(frame: Buffer): LiveServerMessage | undefined {
  const record = parseRecord(frame.toString());
  return record && mapServerMessage(record);
}

/** What the port gets by the fast path; `declined` when the frame is not recognised. */
function quickly(
  frame: Buffer,
  reader = new AudioMessageReader(),
): LiveServerMessage | undefined | 'declined' {
  const spoken = reader.read(frame);
  if (!spoken) return 'declined';
  return spoken.kind === 'audio'
    ? { parts: [{ inlineData: spoken.audio }] }
    : mapServerMessage(spoken.message);
}

function readOnce(frame: Buffer): AudioMessage | undefined {
  return new AudioMessageReader().read(frame);
}

function audioPart(data: string, mimeType = PCM): object {
  return { inlineData: { mimeType, data } };
}

function spokenMessage(data: string, mimeType = PCM): object {
  return { serverContent: { modelTurn: { parts: [audioPart(data, mimeType)] } } };
}

const layouts = [
  ['compact', (message: unknown) => Buffer.from(JSON.stringify(message))],
  ['pretty-printed', (message: unknown) => Buffer.from(`${JSON.stringify(message, undefined, 2)}\n`)],
  ['tabbed', (message: unknown) => Buffer.from(` \r\n${JSON.stringify(message, undefined, '\t')}\r\n`)],
] as const;

const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 600 })
  .map((bytes) => Buffer.from(bytes).toString('base64'));
const sometimes = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });

const part = fc.oneof(
  { weight: 4, arbitrary: base64.map((data) => audioPart(data)) },
  fc.record({ text: fc.string(), thought: sometimes(fc.boolean()) }),
  base64.map((data) => audioPart(data, 'video/mp4')),
  base64.map((data) => ({ inlineData: { data, mimeType: PCM } })),
  base64.map((data) => ({ ...audioPart(data), thought: true })),
  fc.string().map((data) => audioPart(data)),
);

const transcription = fc.record({ text: sometimes(fc.string()), finished: sometimes(fc.constant(true)) });

const anyMessage = fc
  .record({
    modelTurn: sometimes(
      fc.record({
        parts: fc.array(part, { maxLength: 3 }),
        role: sometimes(fc.constantFrom('model', 'user')),
      }),
    ),
    outputTranscription: sometimes(transcription),
    inputTranscription: sometimes(transcription),
    turnComplete: sometimes(fc.constant(true)),
    generationComplete: sometimes(fc.constant(true)),
    interrupted: sometimes(fc.constant(true)),
    usage: sometimes(fc.record({ totalTokenCount: fc.nat() })),
  })
  .map(({ usage, ...serverContent }) => ({ serverContent, usageMetadata: usage }));

describe('AudioMessageReader', () => {
  describe.each(layouts)('with %s JSON', (_name, write) => {
    it('decodes a message of one audio part without parsing it', () => {
      const pcm = Buffer.from(Uint8Array.from({ length: 4_800 }, (_, i) => (i * 37) % 256));
      const spoken = readOnce(write(spokenMessage(pcm.toString('base64'))));
      expect(spoken).toMatchObject({ kind: 'audio', audio: { mimeType: PCM } });
      expect(spoken?.kind === 'audio' && pcm.equals(spoken.audio.data)).toBe(true);
    });

    it.each([
      ['role first', { role: 'model', parts: [audioPart('AQID')] }],
      ['role last', { parts: [audioPart('AQID')], role: 'model' }],
    ])('takes Vertex’s %s', (_order, modelTurn) => {
      expect(readOnce(write({ serverContent: { modelTurn } }))).toEqual({
        kind: 'audio',
        audio: { mimeType: PCM, data: Uint8Array.of(1, 2, 3) },
      });
    });

    /** One that has come to know how this server wraps its audio. */
    function practised(): AudioMessageReader {
      const reader = new AudioMessageReader();
      reader.read(write(spokenMessage('AQIDBA==')));
      return reader;
    }

    function expectEqualOrDeclined(frame: Buffer): void {
      for (const reader of [new AudioMessageReader(), practised()]) {
        const quick = quickly(frame, reader);
        if (quick !== 'declined') expect(quick).toEqual(slowly(frame));
      }
    }

    it('gives what JSON.parse gives, or declines, for any message', () => {
      fc.assert(
        fc.property(anyMessage, (message) => expectEqualOrDeclined(write(message))),
        { numRuns: 400 },
      );
    });

    it('gives the same for a whole conversation', () => {
      fc.assert(
        fc.property(
          fc.array(
            fc.oneof(
              anyMessage,
              base64.map((data) => spokenMessage(data)),
            ),
          ),
          (messages) => {
            const reader = new AudioMessageReader();
            for (const message of messages) {
              const frame = write(message);
              const quick = quickly(frame, reader);
              if (quick !== 'declined') expect(quick).toEqual(slowly(frame));
            }
          },
        ),
      );
    });

    it('gives what JSON.parse gives, or declines, for a frame with any byte changed', () => {
      fc.assert(
        fc.property(base64, fc.nat(), fc.integer({ min: 0, max: 255 }), (data, at, byte) => {
          const frame = write(spokenMessage(data));
          frame[at % frame.length] = byte;
          expectEqualOrDeclined(frame);
        }),
        { numRuns: 2_000 },
      );
    });

    it('gives what JSON.parse gives, or declines, for a frame that is cut short', () => {
      const frame = write(spokenMessage('AQIDBA=='));
      for (let length = 0; length < frame.length; length++) {
        expectEqualOrDeclined(frame.subarray(0, length));
      }
    });

    it('takes two audio parts, or a quote in the audio, for what they are once it knows the wrapping', () => {
      for (const parts of [
        [audioPart('AQID'), audioPart('BAUG')],
        [audioPart('AQ"D')],
        [audioPart('AQ\\D')],
      ]) {
        expectEqualOrDeclined(write({ serverContent: { modelTurn: { parts } } }));
      }
    });

    it('reads the rest of a message around its audio', () => {
      const frame = write({
        serverContent: {
          modelTurn: { parts: [audioPart('AQID'), { text: 'said “so” \\ "thus"' }, audioPart('BA==')] },
          outputTranscription: { text: 'grüß dich' },
          turnComplete: true,
        },
        usageMetadata: { totalTokenCount: 7 },
      });
      expect(readOnce(frame)?.kind).toBe('combined');
      expect(quickly(frame)).toEqual(slowly(frame));
      expect(quickly(frame)).toMatchObject({ turnComplete: true, usageMetadata: { totalTokenCount: 7 } });
    });
  });

  it.each([
    ['a setup answer', '{"setupComplete":{}}'],
    ['text', '{"serverContent":{"modelTurn":{"parts":[{"text":"hi"}]}}}'],
    ['escaped base64', JSON.stringify(spokenMessage('AQ//')).replaceAll('/', '\\/')],
    ['padding alone', JSON.stringify(spokenMessage('=='))],
    ['base64 with a space in it', JSON.stringify(spokenMessage('AQI DBAA'))],
    ['no bytes', JSON.stringify(spokenMessage(''))],
    ['an escape in the type', JSON.stringify(spokenMessage('AQID', 'audio/"x"'))],
    ['a picture', JSON.stringify(spokenMessage('AQID', 'image/png'))],
    ['a thought', '{"serverContent":{"modelTurn":{"parts":[{"thought":true,"text":"hm"}]}}}'],
    ['nothing', ''],
    ['no JSON', 'garbage'],
    ['JSON that goes on after the end', `${JSON.stringify(spokenMessage('AQID'))}}`],
    [
      'the same key again after the audio',
      `${JSON.stringify(spokenMessage('AQID')).slice(0, -1)},"serverContent":{"turnComplete":true}}`,
    ],
  ])('declines %s', (_name, text) => {
    expect(readOnce(Buffer.from(text))).toBeUndefined();
  });
});
