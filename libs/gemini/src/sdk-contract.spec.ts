import type { Live } from '@google/genai';
import { describe, expect, it } from 'vitest';
import { SdkClient, type SdkSocket, type SdkSocketCallbacks, type SdkSocketFactory } from './sdk-client.js';
import { checkSdkContract, verifySdkContract } from './sdk-contract.js';

type Tamper = (factory: SdkSocketFactory) => SdkSocketFactory;

/** An SDK that behaves as one that calls our factory in another way would. */
class ChangedSdk extends SdkClient {
  readonly #tamper: Tamper;

  constructor(tamper: Tamper) {
    super({ kind: 'emulated', baseUrl: 'http://127.0.0.1/check' });
    this.#tamper = tamper;
  }

  override liveThrough(factory: SdkSocketFactory): Live {
    return super.liveThrough(this.#tamper(factory));
  }
}

function sending(change: (text: string) => string): Tamper {
  return (factory) => ({
    create: (url, headers, callbacks) => {
      const socket = factory.create(url, headers, callbacks);
      return { ...bound(socket), send: (text) => socket.send(change(text)) };
    },
  });
}

function bound(socket: SdkSocket): SdkSocket {
  return {
    connect: () => socket.connect(),
    send: (text) => socket.send(text),
    close: () => socket.close(),
  };
}

const deaf = (callbacks: SdkSocketCallbacks): SdkSocketCallbacks => ({
  ...callbacks,
  onmessage: () => undefined,
});
const nowhere: SdkSocket = { connect: () => undefined, send: () => undefined, close: () => undefined };

describe('verifySdkContract', () => {
  it('is content with the SDK installed', async () => {
    await expect(verifySdkContract()).resolves.toBeUndefined();
  });

  it.each<[string, Tamper]>([
    ['does not ask our factory', () => ({ create: () => nowhere })],
    [
      'calls another address',
      (factory) => ({
        create: (url, headers, callbacks) => factory.create(url.replace('v1beta', 'v1'), headers, callbacks),
      }),
    ],
    ['first frame is not the set-up', sending((text) => text.replace('"setup"', '"hello"'))],
    [
      'setupComplete does not end its connect',
      (factory) => ({
        create: (url, headers, callbacks) => factory.create(url, headers, deaf(callbacks)),
      }),
    ],
    ['audio frames look different', sending((text) => text.replace('"audio"', '"mediaChunks"'))],
  ])('notices an SDK that %s', async (what, tamper) => {
    await expect(checkSdkContract(new ChangedSdk(tamper))).rejects.toThrow(what);
  });
});
