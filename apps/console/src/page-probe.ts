import type { CallController } from './call/call-controller.js';

/** What browser tests ask the page, besides what they see. */
export interface PageProbe {
  /** Loudness of the agent as it is heard, 0…1, from an AnalyserNode with a window of 11 ms. */
  playerRms(): number;
  /** Frames that came after their turn's interruption; promise I10 keeps it 0. */
  lateFrames(): number;
  state(): {
    readonly connection: string;
    readonly speaking: string;
    readonly microphone: string;
    readonly camera: boolean;
    readonly sessionId: string | undefined;
    readonly call: number;
    /** `worker-lost`, `line-lost`, `back`, or undefined when all is well. */
    readonly outage: string | undefined;
  };
}

declare global {
  interface Window {
    __parley?: PageProbe;
  }
}

export function exposeProbe(controller: CallController): void {
  window.__parley = {
    playerRms: () => controller.playerRms(),
    lateFrames: () => controller.lateFrames(),
    state: () => {
      const { connection, speaking, microphone, camera, sessionId, call, outage } = controller.store.read();
      return {
        connection,
        speaking,
        microphone,
        camera: camera !== undefined,
        sessionId,
        call,
        outage: outage?.state,
      };
    },
  };
}
