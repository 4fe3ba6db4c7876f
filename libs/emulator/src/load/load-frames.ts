import { encodeServerMessage, type FrameStyle, type ServerMessage } from '../codec/server-message.js';
import { FormantVoice } from '../voice/formant-voice.js';
import { VOICE_RATE_HZ } from '../voice/voice.js';
import { LOAD_PERIOD_MS } from './load-wheel.js';

/** How long the load schedule talks, and how long it is silent after. */
export const TALK_STEPS = 50;
export const CYCLE_STEPS = 100;

/** A frame that any number of sessions send as it is. */
export type ReadyFrame = string | Buffer;

/** Everything that a load session says, encoded once for all. */
export interface LoadFrames {
  readonly setupComplete: ReadyFrame;
  /** 50 messages of 100 ms: 4,800 bytes of PCM each. */
  readonly audio: readonly ReadyFrame[];
  /** One caption for each second of talk. */
  readonly captions: readonly ReadyFrame[];
  readonly generationComplete: ReadyFrame;
  readonly interrupted: ReadyFrame;
  readonly turnComplete: ReadyFrame;
}

const SPOKEN =
  'This is the emulator talking under load. It says the same words again and again, for five seconds, and then ' +
  'it is silent for as long.';

export async function encodeLoadFrames(style: FrameStyle): Promise<LoadFrames> {
  const { samples } = await new FormantVoice('Kore').speak(SPOKEN);
  const encode = (message: ServerMessage): ReadyFrame => {
    const frame = encodeServerMessage(message, style);
    // A string would be turned into bytes anew for every session.
    return typeof frame === 'string' ? Buffer.from(frame) : frame;
  };
  const pieceSamples = (VOICE_RATE_HZ * LOAD_PERIOD_MS) / 1000;
  const audio = Array.from({ length: TALK_STEPS }, (_, step) => {
    const piece = Int16Array.from(
      { length: pieceSamples },
      (_unused, index) => samples[(step * pieceSamples + index) % samples.length] ?? 0,
    );
    const data = Buffer.from(piece.buffer).toString('base64');
    return encode({
      serverContent: { modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000', data } }] } },
    });
  });
  const talkTokens = (TALK_STEPS * LOAD_PERIOD_MS * 25) / 1000;
  return {
    setupComplete: encode({ setupComplete: {} }),
    audio,
    captions: ['Load', ' speech', ' goes', ' on', ' here.'].map((text) =>
      encode({ serverContent: { outputTranscription: { text } } }),
    ),
    generationComplete: encode({ serverContent: { generationComplete: true } }),
    interrupted: encode({ serverContent: { interrupted: true } }),
    turnComplete: encode({
      serverContent: { turnComplete: true },
      usageMetadata: {
        promptTokenCount: 2 * talkTokens,
        responseTokenCount: talkTokens,
        totalTokenCount: 3 * talkTokens,
      },
    }),
  };
}
