/** Words as rules compare them: lower case, no punctuation, one spelling, no endings. */

const STOP_WORDS = new Set(
  `a an the this that these those it its i me my mine you your yours we us our he him his she her they them their
  is are was were be been am do does did doing have has had having can could will would shall should may might must
  and or but if then so of in on at to for from by with about as into over up out off please just now what whats
  which who whom where when why how there here not no yes ok okay hey hi hello tell give say know want need like
  let lets get some any all one also too very really much many more me`.split(/\s+/),
);

const AMERICAN: Readonly<Record<string, string>> = {
  favourite: 'favorite',
  colour: 'color',
  centre: 'center',
  theatre: 'theater',
  flavour: 'flavor',
  neighbour: 'neighbor',
};

/** The words of a text in order; camelCase and snake_case names fall into their parts. */
export function wordsIn(text: string): string[] {
  const plain = text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[’']s\b/g, '')
    .replace(/[’']/g, '');
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The words that carry meaning, stemmed. */
export function contentWords(text: string): string[] {
  return wordsIn(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(stem);
}

/** Cuts common English endings; "monitoring", "monitors" and "monitor" become one. */
export function stem(word: string): string {
  const spelled = AMERICAN[word] ?? AMERICAN[word.replace(/s$/, '')] ?? word;
  if (spelled.length <= 3) return spelled;
  const cut = spelled
    .replace(/ies$/, 'y')
    .replace(/(ss|sh|ch|x)es$/, '$1')
    .replace(/([^s])s$/, '$1');
  const bare = cut.length > 5 ? cut.replace(/(ing|ed)$/, '') : cut;
  return bare.length > 3 ? bare.replace(/([bdgmnprt])\1$/, '$1').replace(/e$/, '') : bare;
}

/** Equal, or as near as a slip of speech recognition. */
export function similar(one: string, other: string): boolean {
  if (one === other) return true;
  const shorter = Math.min(one.length, other.length);
  const allowed = shorter >= 8 ? 2 : shorter >= 5 ? 1 : 0;
  return Math.abs(one.length - other.length) <= allowed && editDistance(one, other) <= allowed;
}

/** Which share of `wanted` occurs in `words`, 0…1. */
export function coverage(wanted: readonly string[], words: readonly string[]): number {
  if (wanted.length === 0) return 0;
  const found = wanted.filter((word) => words.some((each) => similar(word, each)));
  return found.length / wanted.length;
}

export function sentencesIn(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
}

/** "get_weather" and "getWeather" → "get weather". */
export function humanName(name: string): string {
  return wordsIn(name).join(' ');
}

export function pick<T>(options: readonly [T, ...T[]], random: () => number): T {
  return options[Math.floor(random() * options.length)] ?? options[0];
}

function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const swap = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
