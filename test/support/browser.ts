import { resolve } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { programOnPath } from './programs.js';

export const CHROMIUM = programOnPath('chromium', 'chromium-browser', 'google-chrome');

/** Why the browser tests are skipped, and what to do about it. */
export const NO_CHROMIUM = 'no Chromium on the PATH; on Debian: apt-get install chromium';

/** A headless Chromium whose microphone plays `wav` once, from the moment it is opened. */
export function launchBrowser(wav: string): Promise<Browser> {
  return chromium.launch({
    ...(CHROMIUM === undefined ? {} : { executablePath: CHROMIUM }),
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${resolve(wav)}%noloop`,
    ],
  });
}
