import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { differencesPage } from './adk-differences-page.js';
import { AdkSide } from './adk-side.js';
import { ASPECTS, differencesIn, expectedOf, type Conversation } from './conversation.js';
import { CONVERSATIONS } from './conversations/index.js';
import { ADK_VERSION, DIFFERENCES } from './differences.js';
import { linesOf, problemsOf } from './normalise.js';
import { ParleySide } from './parley-side.js';
import { play, type Recording } from './play.js';

const ADK = new URL('../../node_modules/@google/adk/package.json', import.meta.url);
const CONFORMANCE = new URL('../../docs/conformance.md', import.meta.url);
const PAGE = '../../docs/adk-differences.md';

describe('conversations through @google/adk and through Parley', () => {
  const adk = new AdkSide();
  const parley = new ParleySide();
  afterAll(() => adk.close());

  if (!existsSync(ADK)) {
    it('show the same events', (context) => context.skip('@google/adk is not installed'));
    return;
  }

  it(`is with the ADK that was measured, ${ADK_VERSION}`, () => {
    expect(JSON.parse(readFileSync(ADK, 'utf8'))).toMatchObject({ version: ADK_VERSION });
  });

  it.each(CONVERSATIONS)('show the same but for the list: $title', async (conversation) => {
    const [byAdk, byParley] = await Promise.all([play(conversation, adk), play(conversation, parley)]);
    expect(problemsOf(byAdk), 'ADK').toEqual([]);
    expect(problemsOf(byParley), 'Parley').toEqual([]);
    expect(shown(conversation, byAdk), 'what ADK does').toEqual(expected('adk', conversation));
    expect(shown(conversation, byParley), 'what Parley does').toEqual(expected('parley', conversation));
  });
});

describe('the list of differences', () => {
  const used = CONVERSATIONS.flatMap(differencesIn);

  it('has 30 entries at most', () => {
    expect(DIFFERENCES.length).toBeLessThanOrEqual(30);
  });

  it('has no entry that no conversation shows, and misses none that one shows', () => {
    const numbers = [...new Set(used.map(({ number }) => number))].sort((a, b) => a - b);
    expect(numbers).toEqual(DIFFERENCES.map((_, index) => index + 1));
  });

  it('is of real differences', () => {
    for (const { number, adk, parley } of used) expect(adk, `difference ${number}`).not.toEqual(parley);
  });

  it('names cases that there are', () => {
    const cases = readFileSync(CONFORMANCE, 'utf8');
    for (const { title, cases: named, why } of DIFFERENCES) {
      for (const name of named) expect(cases, title).toMatch(new RegExp(`^\\| ${name} +\\|`, 'm'));
      expect(why.length, title).toBeGreaterThan(0);
    }
  });

  it('is what docs/adk-differences.md says', async () => {
    await expect(differencesPage()).toMatchFileSnapshot(PAGE);
  });

  it('belongs to conversations with a title each', () => {
    const titles = CONVERSATIONS.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});

function shown(conversation: Conversation, recording: Recording): Record<string, readonly string[]> {
  return Object.fromEntries(aspectsOf(conversation).map((aspect) => [aspect, linesOf(aspect, recording)]));
}

function expected(side: 'adk' | 'parley', conversation: Conversation): Record<string, readonly string[]> {
  return Object.fromEntries(
    aspectsOf(conversation).map((aspect) => [aspect, expectedOf(side, conversation[aspect] ?? [])]),
  );
}

function aspectsOf(conversation: Conversation): readonly (typeof ASPECTS)[number][] {
  return ASPECTS.filter((aspect) => conversation[aspect] !== undefined);
}
