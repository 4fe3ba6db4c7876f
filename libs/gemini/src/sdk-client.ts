import { GoogleGenAI, Live } from '@google/genai';
import { sdkOptionsOf, type GeminiProvider } from './provider-selection.js';

/** The SDK's socket port; it does not export the type by name. */
export type SdkSocketFactory = ConstructorParameters<typeof Live>[2];
export type SdkSocket = ReturnType<SdkSocketFactory['create']>;
export type SdkSocketCallbacks = Parameters<SdkSocketFactory['create']>[2];

/**
 * The SDK for one provider. It is used for what it knows best (address, credentials, the shapes of set-up and
 * content), on sockets of our own making: its own neither time out nor report how they end.
 */
export class SdkClient extends GoogleGenAI {
  constructor(provider: GeminiProvider) {
    super(sdkOptionsOf(provider));
  }

  /** A `Live` whose one connection goes through `factory`. Cheap: made for each connection. */
  liveThrough(factory: SdkSocketFactory): Live {
    return new Live(this.apiClient, this.apiClient.clientOptions.auth, factory);
  }
}
