import type { Aspect } from './conversation.js';
import { isFence, type Recording } from './play.js';
import type { Json } from './side.js';

/*
 * Brings what the two sides showed to one form: an event becomes one line, in which everything stands that is not
 * chance (ids, times).
 */

export function linesOf(aspect: Aspect, recording: Recording): readonly string[] {
  const { events, remarks, sent, setups, stored } = recording;
  switch (aspect) {
    case 'events':
      return [...withoutFences(events).map(eventLine), ...remarks];
    case 'models':
      return withoutFences(events).map(modelLine);
    case 'sent':
      return sent.map(({ connection, message }) => `#${connection} ${frameWords(message)}`);
    case 'setups':
      return setups.flatMap((setup, index) =>
        leavesOf(setup)
          .filter((leaf) => !PROSE.test(leaf))
          .map((leaf) => `#${index + 1} ${leaf}`)
          .sort(),
      );
    case 'handles':
      return setups.map(
        ({ sessionResumption }, index) =>
          `#${index + 1} ${sessionResumption === undefined ? 'nothing' : compact(sessionResumption)}`,
      );
    case 'stored':
      return withoutFences(stored).map(eventLine);
  }
}

/** What the model is told in words may be worded otherwise. */
const PROSE = /^systemInstruction\.|\.description=/;

function withoutFences(events: readonly Json[]): readonly Json[] {
  return events.filter((event) => !isFence(event));
}

/** What is chance, what numbers our own transport (`seq`), and what has an aspect of its own. */
const LEFT_OUT = new Set(['id', 'invocationId', 'timestamp', 'seq', 'modelVersion']);
/** What every event is, whatever it says. */
const ENVELOPE = new Set([...LEFT_OUT, 'author', 'actions', 'longRunningToolIds', 'branch', 'partial']);

function eventLine(event: Json): string {
  const { author, content, partial, actions, longRunningToolIds, ...rest } = event;
  const words = [`${String(author)}:`];
  if (content !== undefined) words.push(contentWords(content as Json));
  if (partial !== undefined) words.push(partial ? '(partial)' : '(whole)');
  const changed = withoutEmpty(actions);
  if (changed) words.push(`actions=${compact(changed)}`);
  if (Array.isArray(longRunningToolIds) && longRunningToolIds.length > 0) {
    words.push(`longRunning=${longRunningToolIds.map(stable).join(',')}`);
  }
  for (const [name, value] of Object.entries(rest).sort(byName)) {
    if (LEFT_OUT.has(name) || value === undefined || value === null) continue;
    words.push(value === true ? name : `${name}=${compact(value)}`);
  }
  return words.join(' ');
}

/** What the client sent, its kind first. */
function frameWords({ clientContent, realtimeInput, toolResponse, ...rest }: Json): string {
  const words: string[] = [];
  if (clientContent) {
    const { turns = [], turnComplete } = clientContent as {
      readonly turns?: readonly Json[];
      readonly turnComplete?: boolean;
    };
    words.push('clientContent', turns.map(contentWords).join(' / '), turnComplete ? '(complete)' : '(open)');
  }
  if (realtimeInput) words.push('realtimeInput', compact(realtimeInput));
  if (toolResponse) {
    const { functionResponses = [] } = toolResponse as { readonly functionResponses?: readonly Json[] };
    words.push(
      'toolResponse',
      ...functionResponses.map((answer) => callWords('answers', answer, 'response')),
    );
  }
  if (Object.keys(rest).length > 0) words.push(compact(rest));
  return words.join(' ');
}

/** What an event is about, and the model it comes from. */
function modelLine(event: Json): string {
  const { content, author, modelVersion = 'no model' } = event;
  const { parts = [] } = (content ?? {}) as { readonly parts?: readonly Json[] };
  const fields = Object.keys(event).filter((name) => !ENVELOPE.has(name) && name !== 'content');
  const about = [...fields, ...parts.flatMap((part) => Object.keys(part))].join(', ');
  return `${String(author)}: ${about} of ${String(modelVersion)}`;
}

function contentWords(content: Json): string {
  const parts = Array.isArray(content.parts) ? (content.parts as readonly Json[]) : [];
  return [`[${typeof content.role === 'string' ? content.role : ''}]`, ...parts.map(partWords)].join(' ');
}

function partWords(part: Json): string {
  const { text, thought, inlineData, functionCall, functionResponse, ...rest } = part;
  const words: string[] = [];
  if (typeof text === 'string') words.push(`${thought === true ? 'thinks' : 'says'} ${compact(text)}`);
  if (inlineData) {
    const { mimeType, data } = inlineData as { readonly mimeType?: string; readonly data?: string };
    words.push(`${mimeType ?? 'untyped'} of ${Buffer.from(data ?? '', 'base64').length} bytes`);
  }
  if (functionCall) words.push(callWords('calls', functionCall as Json, 'args'));
  if (functionResponse) words.push(callWords('answers', functionResponse as Json, 'response'));
  if (Object.keys(rest).length > 0) words.push(compact(rest));
  return words.join(' ');
}

function callWords(verb: string, call: Json, body: 'args' | 'response'): string {
  const { id, name, [body]: value, ...rest } = call;
  const more = Object.keys(rest).length > 0 ? ` ${compact(rest)}` : '';
  const as = id === undefined ? 'without an id' : `as ${stable(id)}`;
  return `${verb} ${String(name)}(${compact(value ?? {})}) ${as}${more}`;
}

/** Ids that a runtime made itself are chance. */
function stable(id: unknown): string {
  return typeof id === 'string' ? id.replace(/^adk-.*/, 'adk-*') : String(id);
}

/** JSON with its names in order and without what is undefined; ids of the runtime's own and media made readable. */
function compact(value: unknown): string {
  return JSON.stringify(value, (name, inner: unknown) => {
    if (name === 'id') return stable(inner);
    if (name === 'data' && typeof inner === 'string') return `${Buffer.from(inner, 'base64').length} bytes`;
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(byName));
  });
}

/** Without empty objects; undefined when nothing is left. */
function withoutEmpty(value: unknown): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const kept = Object.entries(value).filter(
    ([, inner]: [string, unknown]) =>
      inner !== undefined &&
      !(typeof inner === 'object' && inner !== null && Object.keys(inner).length === 0),
  );
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function leavesOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((inner: unknown, index) => leavesOf(inner, `${path}[${index}]`));
  }
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, inner]: [string, unknown]) =>
      leavesOf(inner, path === '' ? name : `${path}.${name}`),
    );
  }
  return [`${path}=${compact(value)}`];
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** What is wrong with the ids and times that the lines leave out; both sides have to get these right. */
export function problemsOf({ runs, events, stored }: Recording): readonly string[] {
  const ids = events.map(({ id }) => id);
  const invocations = new Set(events.map(({ invocationId }) => String(invocationId)));
  const storedIds = stored.map(({ id }) => id);
  return [
    ...(ids.every((id) => typeof id === 'string' && id !== '') ? [] : ['an event without an id']),
    ...(new Set(ids).size === ids.length ? [] : ['two events with one id']),
    ...(new Set(storedIds).size === storedIds.length ? [] : ['an event stored twice']),
    ...([...invocations].every((id) => id.startsWith('e-')) ? [] : ['an invocation id that is none']),
    ...(invocations.size <= runs ? [] : ['two invocation ids in one run']),
    ...(events.every(({ timestamp }) => Number.isInteger(timestamp)) ? [] : ['a time that is no integer']),
  ];
}
