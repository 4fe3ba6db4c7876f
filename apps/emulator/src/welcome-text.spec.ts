import { describe, expect, it } from 'vitest';
import { welcomeText } from './welcome-text.js';

const TOLD = { url: 'http://127.0.0.1:9466', scenarios: ['default', 'shop'], controlled: false };

describe('the welcome', () => {
  it('says that no model answers, how to point the SDK at it, and which scenarios there are', () => {
    const text = welcomeText({ ...TOLD, speech: { mode: 'synthetic', fallback: 'no packages' } });
    expect(text).toContain('not Gemini');
    expect(text).toContain("httpOptions: { baseUrl: 'http://127.0.0.1:9466' }");
    expect(text).toContain('GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:9466');
    expect(text).toContain('speech-like sounds (no packages)');
    expect(text).toContain('default, shop; one of them: http://127.0.0.1:9466/s/NAME');
    expect(text).not.toContain('__emu');
    expect(welcomeText({ ...TOLD, speech: { mode: 'real' }, controlled: true })).toContain('/__emu/sessions');
  });

  it.each([
    ['http://0.0.0.0:9466', 'http://127.0.0.1:9466'],
    ['http://[::]:9466', 'http://[::1]:9466'],
  ])('gives an address that can be dialled for %s', (url, address) => {
    const text = welcomeText({ ...TOLD, url, speech: { mode: 'real' } });
    expect(text).toContain(`Address    ${address}\n`);
    expect(text).not.toContain(url);
  });
});
