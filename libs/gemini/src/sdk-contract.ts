import { ParleyError } from '@parley/kernel';
import { asRecord, parseRecord } from './proto-json.js';
import { realtimeFormat, realtimeFrame } from './realtime-frames.js';
import { SdkClient, type SdkSocketFactory } from './sdk-client.js';

const MIME_TYPE = 'audio/pcm;rate=16000';

/** Turns of the microtask queue in which a handshake in memory is over by far. */
const MANY_TURNS = 1_000;

let verdict: Promise<void> | undefined;

/**
 * Checks, once a process and without a network, that the SDK still does what this room builds on: it asks our
 * factory for its socket, writes the set-up first, takes `setupComplete` for the end of it, and puts audio on the
 * wire as `realtimeFrame` does. Rejects with `ParleyError` `internal` that says what has changed.
 */
export function verifySdkContract(): Promise<void> {
  verdict ??= checkSdkContract(new SdkClient({ kind: 'emulated', baseUrl: 'http://127.0.0.1/check' }));
  return verdict;
}

/** The check itself, of the SDK behind `client` (any on the Gemini API). */
export async function checkSdkContract(client: SdkClient): Promise<void> {
  const sent: string[] = [];
  let url = '';
  let connected = false;
  const factory: SdkSocketFactory = {
    create: (address, _headers, callbacks) => {
      url = address;
      return {
        connect: () => callbacks.onopen(),
        send: (text: string) => {
          sent.push(text);
          if (sent.length === 1) callbacks.onmessage({ data: '{"setupComplete":{}}' });
        },
        close: () => undefined,
      };
    },
  };
  const audio = Uint8Array.of(1, 2, 3, 254);
  client
    .liveThrough(factory)
    .connect({ model: 'check', callbacks: { onmessage: () => undefined } })
    .then((session) => {
      connected = true;
      session.sendRealtimeInput({
        audio: { data: Buffer.from(audio).toString('base64'), mimeType: MIME_TYPE },
      });
    })
    .catch(() => undefined);
  for (let turn = 0; turn < MANY_TURNS && sent.length < 2; turn++) await Promise.resolve();

  if (!url) throw changed('it does not ask our factory for its socket');
  if (!/\/ws\/google\.ai\.generativelanguage\.v1beta\..*BidiGenerateContent\?key=/.test(url)) {
    throw changed('it calls another address');
  }
  if (asRecord(parseRecord(sent[0] ?? '')?.['setup'])?.['model'] !== 'models/check') {
    throw changed('its first frame is not the set-up');
  }
  if (!connected) throw changed('setupComplete does not end its connect');
  const format = realtimeFormat(MIME_TYPE);
  if (!format || sent[1] !== realtimeFrame(audio, format)) throw changed('its audio frames look different');
}

function changed(what: string): ParleyError {
  return new ParleyError('internal', `@google/genai has changed: ${what}.`);
}
