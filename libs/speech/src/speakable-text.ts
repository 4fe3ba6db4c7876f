/** What flite would read wrongly or spell out, and what it should read instead. */
const SPOKEN: readonly (readonly [pattern: RegExp, spoken: string])[] = [
  [/[\u2018\u2019]/g, "'"],
  [/[\u201c\u201d"]/g, ' '],
  [/\s*[\u2013\u2014]\s*/g, ', '],
  [/\u2026/g, '...'],
  [/\u20ac\s?(\d+(?:[.,]\d+)*)/g, '$1 euros'],
  [/\u00a3\s?(\d+(?:[.,]\d+)*)/g, '$1 pounds'],
  [/\u00b0\s?C\b/g, ' degrees Celsius'],
  [/\u00b0\s?F\b/g, ' degrees Fahrenheit'],
  [/\u00b0/g, ' degrees'],
  [/&/g, ' and '],
  [/[*_#`~<>|\\^[\]{}]/g, ' '],
];

/**
 * Text as flite can read it: ASCII, accents left out, without mark-up and other signs. '' when there is nothing
 * in it to say.
 */
export function speakableText(text: string): string {
  let spoken = text;
  for (const [pattern, replacement] of SPOKEN) spoken = spoken.replace(pattern, replacement);
  spoken = spoken
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^ -~]+/g, ' ')
    .replace(/ +/g, ' ')
    .replace(/ ([.,;:!?])/g, '$1')
    .trim();
  return /[a-z0-9]/i.test(spoken) ? spoken : '';
}
