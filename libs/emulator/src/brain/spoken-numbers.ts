const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');

/** "twenty-five", "three hundred and four" and "25" alike, in order of appearance. */
export function numbersIn(text: string): number[] {
  return (digitsFor(text).match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
}

/** The text with number words turned into digits; numbers side by side are kept apart. */
export function digitsFor(text: string): string {
  const words = text
    .replace(/(\d),(?=\d{3}\b)/g, '$1')
    .replace(/([a-z])-(?=[a-z])/gi, '$1 ')
    .split(/\s+/);
  const out: string[] = [];
  let value: number | undefined;
  for (const [index, word] of words.entries()) {
    const [, bare = '', tail = ''] = /^([a-z]*)(.*)$/is.exec(word) ?? [];
    const next = extendNumber(value, bare.toLowerCase());
    if (next !== undefined) {
      if (!next.joined && value !== undefined) out.push(String(value));
      value = next.value;
      if (tail === '') continue;
      out.push(`${value}${tail}`);
      value = undefined;
    } else if (
      bare.toLowerCase() === 'and' &&
      value !== undefined &&
      value % 100 === 0 &&
      startsNumber(words[index + 1])
    ) {
      continue;
    } else {
      if (value !== undefined) out.push(String(value));
      value = undefined;
      out.push(word);
    }
  }
  if (value !== undefined) out.push(String(value));
  return out.join(' ');
}

/** 42 → "forty-two", up to 999; larger numbers stay digits. */
export function numberWords(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > 999) return String(value);
  if (value < 20) return ONES[value] ?? '';
  if (value < 100) {
    const rest = value % 10;
    return `${TENS[Math.floor(value / 10) - 2] ?? ''}${rest === 0 ? '' : `-${ONES[rest] ?? ''}`}`;
  }
  const rest = value % 100;
  return `${ONES[Math.floor(value / 100)] ?? ''} hundred${rest === 0 ? '' : ` and ${numberWords(rest)}`}`;
}

function startsNumber(word: string | undefined): boolean {
  return (
    word !== undefined && extendNumber(undefined, word.toLowerCase().replace(/[^a-z]/g, '')) !== undefined
  );
}

/** The number that `word` makes of the one before it, or begins; undefined when it is no number word. */
function extendNumber(
  value: number | undefined,
  word: string,
): { readonly value: number; readonly joined: boolean } | undefined {
  const ones = ONES.indexOf(word);
  const tens = TENS.indexOf(word);
  if (ones >= 0) {
    const joined = value !== undefined && value > 0 && value % (ones < 10 ? 10 : 100) === 0;
    return { value: (joined ? value : 0) + ones, joined };
  }
  if (tens >= 0) {
    const joined = value !== undefined && value > 0 && value % 100 === 0;
    return { value: (joined ? value : 0) + (tens + 2) * 10, joined };
  }
  if (word === 'hundred' || word === 'thousand') {
    return { value: (value ?? 1) * (word === 'hundred' ? 100 : 1000), joined: true };
  }
  return undefined;
}
