import { mkdir } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM, launchBrowser, NO_CHROMIUM } from '../support/browser.js';
import { Service } from '../support/service.js';
import { until } from '../support/until.js';

const PICTURES = 'test-results/kill-worker';
const AUDIBLE = 0.01;

interface Probe {
  playerRms(): number;
  lateFrames(): number;
  state(): { readonly connection: string; readonly call: number; readonly outage?: string };
}

describe.skipIf(!CHROMIUM)(
  `a worker killed under the playground${CHROMIUM ? '' : ` (skipped: ${NO_CHROMIUM})`}`,
  () => {
    let service: Service;
    let browser: Browser;
    const problems: string[] = [];

    beforeAll(async () => {
      await mkdir(PICTURES, { recursive: true });
      service = await Service.start({
        provider: { kind: 'emulator', speech: 'real' },
        restartWorkers: true,
        env: { PARLEY_DEVELOPMENT: 'true' },
      });
      browser = await launchBrowser('test/fixtures/hello-my-name.wav');
    });
    afterAll(async () => {
      await browser?.close();
      await service?.stop();
    });

    async function open(viewport = { width: 1280, height: 860 }): Promise<Page> {
      const context = await browser.newContext({ viewport, permissions: ['microphone'] });
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(`${service.stack.url}/#key=${service.stack.apiKey}`);
      await page.getByTestId('kill-worker').waitFor();
      return page;
    }

    const probe = <T>(page: Page, ask: (probe: Probe) => T): Promise<T> =>
      page.evaluate<T>(`(${ask.toString()})(window.__parley)`);
    const lastAnswer = async (page: Page): Promise<string> =>
      (await page.getByTestId('caption-agent').allInnerTexts()).at(-1) ?? '';

    async function type(page: Page, text: string): Promise<void> {
      await page.getByTestId('text-input').fill(text);
      await page.keyboard.press('Enter');
    }

    async function kill(page: Page, picture: string): Promise<string> {
      await page.getByTestId('kill-worker').focus();
      await page.keyboard.press('Enter');
      await until('the notice', async () => (await page.getByTestId('outage').count()) > 0);
      await page.screenshot({ path: `${PICTURES}/${picture}-lost.png` });
      const notice = page.locator('[data-testid=outage][data-state=back]');
      await notice.waitFor({ timeout: 20_000 });
      await page.screenshot({ path: `${PICTURES}/${picture}-back.png` });
      return notice.innerText();
    }

    it('goes on in the same call, says so, and remembers', async () => {
      const page = await open();
      await type(page, 'Hello, my name is Alice.');
      await until('an answer', async () => (await lastAnswer(page)).includes('Alice'));
      expect(await kill(page, 'typed')).toMatch(/Back after \d+\.\d s\s+\(the model remembers: handle\)/);
      await type(page, 'What is my name?');
      await until('it remembers', async () => {
        const answers = await page.getByTestId('caption-agent').allInnerTexts();
        return answers.length > 1 && (answers.at(-1) ?? '').includes('Alice');
      });
      const rows = page.locator('[data-testid=event-row][data-kind=resumed]');
      expect(await rows.count()).toBe(1);
      expect(await rows.first().innerText()).toContain('worker, handle');
      expect(await probe(page, (it) => [it.state().connection, it.state().call, it.lateFrames()])).toEqual([
        'live',
        1,
        0,
      ]);
      await until('the notice goes', async () => (await page.getByTestId('outage').count()) === 0);
      await page.context().close();
    });

    it('goes on while the agent speaks, on a phone', async () => {
      const page = await open({ width: 375, height: 740 });
      await page.getByTestId('talk-button').click();
      await until('sound', async () => (await probe(page, (it) => it.playerRms())) > AUDIBLE);
      await kill(page, 'spoken');
      await type(page, 'What can you do?');
      const before = await page.getByTestId('caption-agent').count();
      await until(
        'an answer, heard',
        async () =>
          (await page.getByTestId('caption-agent').count()) > before &&
          (await probe(page, (it) => it.playerRms())) > AUDIBLE,
      );
      expect(await probe(page, (it) => it.lateFrames())).toBe(0);
      await page.context().close();
    });

    it('is offered by no server in production, and to no stranger', async () => {
      const answer = await fetch(`${service.stack.url}/v1/dev/crash-worker`, { method: 'POST' });
      expect(answer.status).toBe(401);
      const other = await Service.start({ workers: 1, provider: { kind: 'emulator', speech: 'cheap' } });
      try {
        const headers = { authorization: `Bearer ${other.stack.apiKey}` };
        expect((await fetch(`${other.stack.url}/v1/dev`, { headers })).status).toBe(404);
      } finally {
        await other.stop();
      }
    });

    it('had no error on any page', () => {
      expect(problems).toEqual([]);
    });
  },
);
