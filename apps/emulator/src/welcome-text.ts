import type { SpeechReport } from './speech-choice.js';

interface Welcomed {
  readonly url: string;
  readonly speech: SpeechReport;
  readonly scenarios: readonly string[];
  /** The control API is open. */
  readonly controlled: boolean;
}

const SPEECH: Readonly<Record<SpeechReport['mode'], string>> = {
  real: 'hears and speaks, by engines on this machine',
  synthetic: 'tells speech by its loudness, and answers in speech-like sounds',
  cheap: 'plays a load schedule, whatever is said',
};

/** What a newcomer has to know: what this is, where it is, and how to point a program at it. */
export function welcomeText({ url, speech, scenarios, controlled }: Welcomed): string {
  const address = reachable(url);
  const why = speech.fallback === undefined ? '' : ` (${speech.fallback})`;
  const rows: readonly (readonly [string, string])[] = [
    ['Address', address],
    ['Node', `new GoogleGenAI({ apiKey: 'any', vertexai: false, httpOptions: { baseUrl: '${address}' } })`],
    ['or set', `GOOGLE_GEMINI_BASE_URL=${address} GEMINI_API_KEY=any`],
    ['Speech', `${SPEECH[speech.mode]}${why}`],
    ['Scenarios', `${scenarios.join(', ')}; one of them: ${address}/s/NAME as baseUrl`],
    ...(controlled
      ? [['Control', `${address}/__emu/sessions, with the secret as bearer token`] as const]
      : []),
    ['Also', '/livez, /readyz and /metrics'],
  ];
  return [
    '',
    'This is an emulator of the Gemini Live API, not Gemini: rules and scenarios answer, no model does.',
    'It needs no key and no network, and costs nothing.',
    '',
    ...rows.map(([name, text]) => `  ${name.padEnd(10)} ${text}`),
    '',
    'Ctrl+C ends it. More: libs/emulator/README.md.',
    '',
  ].join('\n');
}

/** Who listens on every address is not reached by that, but by loopback. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
