import type { ToolOutcome } from './brain.js';
import { humanName, pick } from './words.js';

const MAX_CHARS = 600;
const MAX_ITEMS = 8;
/** Where tools usually put what is to be said. */
const SPOKEN_KEYS = [
  'output',
  'result',
  'report',
  'message',
  'answer',
  'summary',
  'text',
  'response',
  'content',
];
/** Says only that it worked. */
const STATUS_WORDS = /^(?:success|succeeded|ok|okay|done|completed|true)$/i;

/** What the tools answered, as one would say it. */
export function reportOutcomes(outcomes: readonly ToolOutcome[], random: () => number): string {
  return outcomes.map((outcome) => reportOutcome(outcome, random)).join(' ');
}

function reportOutcome({ name, response }: ToolOutcome, random: () => number): string {
  const tool = humanName(name);
  const error = response.error ?? response.error_message ?? response.errorMessage;
  if (error !== undefined && error !== null && error !== false) {
    return sentence(clip(`I could not ${tool}: ${readable(error)}`));
  }
  const value = spokenValue(response);
  if (value === undefined || value === null || value === '') return `Done: ${tool}.`;
  const text = clip(readable(value));
  if (typeof value === 'string' && STATUS_WORDS.test(value)) return `Done: ${tool}.`;
  if (typeof value === 'string' && /\s\S+\s/.test(value)) return sentence(text);
  if (typeof value === 'object' && !Array.isArray(value)) {
    return sentence(
      `${pick(['Here is what I found', 'This is what I got', 'I found this'], random)}: ${text}`,
    );
  }
  return sentence(`${pick(['The result of', 'The answer from'], random)} ${tool} is ${text}`);
}

function spokenValue(response: Readonly<Record<string, unknown>>): unknown {
  const key = SPOKEN_KEYS.find((each) => response[each] !== undefined && response[each] !== null);
  const value = key === undefined ? response : response[key];
  const inner =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  if (!inner) return value;
  const entries = Object.entries(inner).filter(([name, each]) => {
    return !(name === 'status' && typeof each === 'string' && STATUS_WORDS.test(each)) && each !== null;
  });
  const [only] = entries;
  if (entries.length === 0) return undefined;
  if (key !== undefined || entries.length > 1 || !only) return Object.fromEntries(entries);
  return only[1];
}

/** Any JSON value in words. */
function readable(value: unknown, depth = 0): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toFixed(4)));
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object' || value === null) return 'nothing';
  if (depth >= 3) return 'more';
  if (Array.isArray(value)) return readableList(value.map((item) => readable(item, depth + 1)));
  const parts = Object.entries(value).map(
    ([name, item]) => `${humanName(name)} ${readable(item, depth + 1)}`,
  );
  return readableList(parts);
}

function readableList(parts: readonly string[]): string {
  const shown = parts.slice(0, MAX_ITEMS);
  const more = parts.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  const last = shown.at(-1);
  if (last === undefined) return 'nothing';
  return shown.length === 1 ? last : `${shown.slice(0, -1).join(', ')} and ${last}`;
}

function clip(text: string): string {
  if (text.length <= MAX_CHARS) return text;
  return `${text.slice(0, text.lastIndexOf(' ', MAX_CHARS))} and so on`;
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
