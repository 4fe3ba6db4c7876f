import { digitsFor } from './spoken-numbers.js';

interface Operation {
  readonly pattern: RegExp;
  readonly word: string;
  readonly apply: (first: number, second: number) => number;
}

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;

const OPERATIONS: readonly Operation[] = [
  operation(String.raw`(?:\+|plus|and)`, 'plus', (first, second) => first + second),
  operation(String.raw`(?:-|−|minus|less)`, 'minus', (first, second) => first - second),
  operation(String.raw`(?:\*|×|x|times|multiplied by)`, 'times', (first, second) => first * second),
  operation(String.raw`(?:\/|÷|divided by|over)`, 'divided by', (first, second) => first / second),
  operation(String.raw`(?:%|percent) of`, 'percent of', (first, second) => (first * second) / 100),
];

/** The answer to a sum of two numbers in digits or words; undefined when the text asks for none. */
export function calculate(text: string): string | undefined {
  const digits = digitsFor(text);
  const asks = /\b(?:what|how much|calculate|compute|add|sum|work out|solve)\b|=|^\s*-?\d/i.test(digits);
  if (!asks) return undefined;
  for (const { pattern, word, apply } of OPERATIONS) {
    const match = pattern.exec(digits);
    if (!match) continue;
    if (word === 'plus' && /\band\b/.test(match[0]) && !/\b(?:add|sum)\b/i.test(digits)) continue;
    const [first, second] = [Number(match[1]), Number(match[2])];
    if (word === 'divided by' && second === 0) return 'One cannot divide by zero.';
    return `${first} ${word} ${second} is ${Number(apply(first, second).toFixed(4))}.`;
  }
  return undefined;
}

function operation(sign: string, word: string, apply: Operation['apply']): Operation {
  return { pattern: new RegExp(`${NUMBER}\\s*${sign}\\s*${NUMBER}`, 'i'), word, apply };
}
