import type { ParameterSchema } from '../codec/function-declaration.js';
import { findFact, type Fact } from './fact-book.js';
import { digitsFor, numbersIn } from './spoken-numbers.js';
import { phrasesIn, properNounsIn, quotedIn, remainderOf } from './text-phrases.js';
import { contentWords, coverage, humanName, wordsIn } from './words.js';

/** Where arguments come from beside the words that ask for the call. */
export interface ArgumentSource {
  readonly facts: readonly Fact[];
}

/** Generates arguments that fit the schema: what is required always, what is optional when the text tells it. */
export function fillArguments(
  schema: ParameterSchema | undefined,
  text: string,
  source: ArgumentSource,
): Record<string, unknown> {
  return schema ? new ArgumentFiller(text, source).fill(schema) : {};
}

/** Fills one call; a number or phrase of the text is used for one argument only. */
class ArgumentFiller {
  readonly #text: string;
  readonly #source: ArgumentSource;
  readonly #numbers: number[];
  readonly #used = new Set<string>();

  constructor(text: string, source: ArgumentSource) {
    this.#text = text;
    this.#source = source;
    this.#numbers = numbersIn(text);
  }

  fill(schema: ParameterSchema): Record<string, unknown> {
    const args: Record<string, unknown> = {};
    for (const [name, property] of schema.properties) {
      const wanted =
        schema.required.includes(name) || (schema.required.length === 0 && schema.properties.size === 1);
      const value = this.#told(name, property) ?? (wanted ? this.#invented(name, property) : undefined);
      if (value !== undefined) args[name] = value;
    }
    return args;
  }

  /** What the text says for this argument in so many words. */
  #told(name: string, property: ParameterSchema): unknown {
    if (property.options.length > 0) return this.#option(property.options);
    switch (property.type) {
      case 'integer':
      case 'number':
        return this.#numberNamed(name, property.type);
      case 'string':
        return this.#labelled(name) ?? this.#formatted(name) ?? this.#directed(name);
      case 'boolean':
        return coverage(contentWords(humanName(name)), contentWords(this.#text)) === 1
          ? !this.#negated()
          : undefined;
      case 'array':
      case 'object':
        return undefined;
    }
  }

  /** The likeliest value for an argument that must be there. */
  #invented(name: string, property: ParameterSchema): unknown {
    if (property.options.length > 0) return property.options[0];
    switch (property.type) {
      case 'integer':
      case 'number':
        return this.#numbers.shift() ?? 1;
      case 'boolean':
        return !this.#negated();
      case 'string':
        return this.#phrase(name);
      case 'array':
        return this.#list(name, property.items);
      case 'object':
        return this.fill(property);
    }
  }

  #option(options: readonly string[]): string | undefined {
    const words = contentWords(this.#text);
    const plain = wordsIn(this.#text);
    return options.find((option) => {
      const wanted = contentWords(option);
      return wanted.length > 0 ? coverage(wanted, words) === 1 : plain.includes(option.toLowerCase());
    });
  }

  #numberNamed(name: string, type: 'integer' | 'number'): number | undefined {
    for (const word of wordsIn(name)) {
      const unit = word.replace(/s$/, '');
      const match = new RegExp(
        `(-?\\d+(?:\\.\\d+)?)[\\s-]*${unit}s?\\b|\\b${unit}s?(?: (?:of|is|to))? (-?\\d+(?:\\.\\d+)?)`,
        'i',
      ).exec(digitsFor(this.#text));
      if (!match) continue;
      const value = Number(match[1] ?? match[2]);
      const at = this.#numbers.indexOf(value);
      if (at >= 0) this.#numbers.splice(at, 1);
      return type === 'integer' ? Math.round(value) : value;
    }
    return undefined;
  }

  /** "title Groceries", "the city is Paris". */
  #labelled(name: string): string | undefined {
    const label = humanName(name).replace(/ (?:name|id)$/, '');
    const match = new RegExp(
      `\\b${label}(?: name)?(?: is| of|:| called| named)? ["“]?([A-Z0-9][\\w'-]*(?: [A-Z][\\w'-]*)*)`,
    ).exec(this.#text);
    return this.#use(match?.[1]);
  }

  /** Texts that are known by their form. */
  #formatted(name: string): string | undefined {
    const words = wordsIn(name);
    if (words.includes('email')) return this.#use(/[\w.+-]+@[\w-]+\.[\w.]+\w/.exec(this.#text)?.[0]);
    if (words.includes('url') || words.includes('link'))
      return this.#use(/https?:\/\/\S+/.exec(this.#text)?.[0]);
    if (words.includes('phone')) return this.#use(/\+?\d[\d ()-]{5,}\d/.exec(this.#text)?.[0]);
    return undefined;
  }

  /** Origins follow "from", destinations "to". */
  #directed(name: string): string | undefined {
    const words = wordsIn(name);
    const from = words.some((word) => /^(?:from|origin|source|departure|sender)$/.test(word));
    const to = words.some((word) => /^(?:to|destination|target|recipient|arrival)$/.test(word));
    if (!from && !to) return undefined;
    return this.#use(phrasesIn(this.#text, from ? ['from'] : ['to'])[0]);
  }

  #phrase(name: string): string {
    const words = wordsIn(name);
    const quoted = this.#use(quotedIn(this.#text)[0]);
    if (quoted !== undefined) return quoted;
    if (words.some((word) => FREE_TEXT.has(word))) {
      return this.#use(remainderOf(this.#text)) ?? this.#text;
    }
    const phrases = phrasesIn(this.#text);
    const candidates = [
      ...phrases.filter((phrase) => /^[A-Z0-9]/.test(phrase)),
      ...properNounsIn(this.#text),
      this.#wordAfterLabel(name),
      ...phrases,
      ...phrasesIn(this.#text, ['to']),
    ];
    for (const candidate of candidates) {
      const free = this.#use(candidate);
      if (free !== undefined) return free;
    }
    const known = findFact(this.#source.facts, humanName(name)) ?? this.#homeFact(words);
    return known?.value ?? remainderOf(this.#text) ?? this.#text;
  }

  /** "the color blue", "set the volume to loud". */
  #wordAfterLabel(name: string): string | undefined {
    const label = wordsIn(name).at(-1) ?? name;
    const pattern = new RegExp(`\\b${label}(?: is| to| of| should be)? (?!${NO_VALUE}\\b)(\\w+)`, 'i');
    return pattern.exec(this.#text)?.[1];
  }

  #homeFact(words: readonly string[]): Fact | undefined {
    const place = words.some((word) => /^(?:city|location|place|town|country|address)$/.test(word));
    return place ? this.#source.facts.find(({ key }) => key === 'live') : undefined;
  }

  #list(name: string, items: ParameterSchema | undefined): unknown[] {
    if (items?.type === 'integer' || items?.type === 'number') return this.#numbers.splice(0);
    if (items?.type === 'object') return [this.fill(items)];
    const nouns = properNounsIn(this.#text);
    if (nouns.length > 1) return nouns;
    return this.#phrase(name).split(/\s*,\s*(?:and\s+)?|\s+and\s+/);
  }

  #negated(): boolean {
    return /\b(?:off|no|not|don't|disable|deactivate|false|without|stop|close|lock)\b/i.test(this.#text);
  }

  #use(value: string | undefined): string | undefined {
    if (value === undefined || value === '' || this.#used.has(value)) return undefined;
    this.#used.add(value);
    return value;
  }
}

/** Words that may follow the name of an argument and are no value of it. */
const NO_VALUE = '(?:is|are|was|to|of|in|for|at|on|like|and|or|the|a|an|please|now|today|do|does|it|you|i)';

/** Arguments that take any words rather than the name of something. */
const FREE_TEXT = new Set(
  `query question message text prompt request content topic note title description task item items reminder body
  subject search term input comment reason feedback statement expression`.split(/\s+/),
);
