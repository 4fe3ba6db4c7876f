import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, launchBrowser, NO_CHROMIUM } from '../support/browser.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

const PICTURES = 'test-results/playground';
const AUDIBLE = 0.01;

interface Probe {
  playerRms(): number;
  lateFrames(): number;
}

describe.skipIf(!CHROMIUM)(
  `the playground in Chromium${CHROMIUM ? '' : ` (skipped: ${NO_CHROMIUM})`}`,
  () => {
    let service: Service;
    let browser: Browser;
    const problems: string[] = [];

    beforeAll(async () => {
      await mkdir(PICTURES, { recursive: true });
      service = await Service.start({ provider: { kind: 'emulator', speech: 'real' } });
      browser = await launchBrowser('test/fixtures/barge-in.wav');
    });
    afterAll(async () => {
      await browser?.close();
      await service?.stop();
    });

    async function open(viewport = { width: 1280, height: 860 }): Promise<Page> {
      const context = await browser.newContext({ viewport, permissions: ['microphone', 'camera'] });
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(`${service.stack.url}/#key=${service.stack.apiKey}`);
      await page.getByTestId('talk-button').waitFor();
      return page;
    }

    const rms = (page: Page): Promise<number> =>
      page.evaluate(() => (window as unknown as { __parley: Probe }).__parley.playerRms());
    const textOf = async (page: Page, id: string): Promise<string> =>
      (await page.getByTestId(id).allInnerTexts()).join(' ');

    it('hears speech, speaks, shows captions, and falls silent when it is talked over', async () => {
      const page = await open();
      await page.getByTestId('talk-button').click();
      await until('a caption of the user', async () => /story/i.test(await textOf(page, 'caption-user')));
      await until('sound on the page', async () => (await rms(page)) > AUDIBLE);
      await until('a caption of the agent', async () => (await textOf(page, 'caption-agent')).length > 10);
      await page.screenshot({ path: `${PICTURES}/speaking.png` });
      expect(await textOf(page, 'first-audio')).toMatch(/\d/);
      expect(await textOf(page, 'emulated-badge')).toMatch(/emulat/i);
      // the second utterance of the recording comes 5 s after the first, in the middle of the story
      await until(
        'the interruption',
        async () => (await service.metric('gateway', 'live_interruptions_total')) > 0,
      );
      await until('silence', async () => (await rms(page)) < AUDIBLE / 10);
      await page.screenshot({ path: `${PICTURES}/interrupted.png` });
      await until('the words that interrupted', async () =>
        /wait|stop/i.test(await textOf(page, 'caption-user')),
      );
      expect(
        await page.evaluate(() => (window as unknown as { __parley: Probe }).__parley.lateFrames()),
      ).toBe(0);
      await page.context().close();
    });

    it('can be used by keyboard on a phone: type, read the answer, open an event', async () => {
      const page = await open({ width: 375, height: 740 });
      await page.getByTestId('text-input').focus();
      await page.keyboard.type('Hello, my name is Alice.');
      await page.keyboard.press('Enter');
      await until('an answer', async () => (await textOf(page, 'caption-agent')).includes('Alice'));
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `${PICTURES}/phone.png` });
      await page.context().close();
    });

    it('says what to do when the key is wrong', async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(`${service.stack.url}/#key=parley_test_wrong`);
      await until('a message', async () => /key/i.test(await page.locator('body').innerText()));
      await page.screenshot({ path: `${PICTURES}/wrong-key.png` });
      await context.close();
    });

    it('had no error on any page', () => {
      expect(problems).toEqual([]);
    });
  },
);
