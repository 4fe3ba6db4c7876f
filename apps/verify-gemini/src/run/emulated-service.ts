import { startEmulator } from '@parley/emulator';
import { geminiTarget, type Target } from './target.js';

export interface EmulatedService {
  readonly target: Target;
  close(): Promise<void>;
}

/** The emulator takes any key. */
const KEY = 'emulated-key-of-nobody';

/** An emulator in this process that behaves as Google's service, but thinks and speaks faster. */
export async function startEmulatedService(): Promise<EmulatedService> {
  const emulator = await startEmulator({
    strictV1: true,
    behaviour: { thinkMs: 100, thinkJitterMs: 50, turnEnds: 'immediate', speed: 6 },
    // Nobody wants to wait ten minutes for an emulator.
    scenarios: { 'short-lived': { connectionMs: 12_000, goAwayLeadMs: 3_000 } },
  });
  const target = geminiTarget('emulator', KEY, emulator.url);
  return {
    target: { ...target, shortLivedUrl: `${emulator.url}/s/short-lived` },
    close: () => emulator.close(),
  };
}
