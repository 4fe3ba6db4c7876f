import type { Content, Event } from '@parley/event';
import { linesOf, newestImages, userContent, type HistoryLine } from './history-line.js';

const MAX_CONTENTS = 200;
const MAX_CHARS = 256 * 1024;

export interface HistoryOptions {
  /** Tells what other agents thought, too. */
  readonly includeThoughts?: boolean;
  /** Who is told; what this agent thought itself is never told. */
  readonly agentName?: string;
  /** Leaves out what happened on other branches (`a.b` sees `a` and `a.b`). */
  readonly branch?: string;
}

/**
 * What an agent is told of the conversation so far when a connection starts without a resumption handle.
 *
 * 1. The user's words and newest pictures (four, of 1 MiB together) stay the user's. Everything else is retold as
 *    context from outside ("[agent] said: …"), also the agent's own words, because the Live API takes whatever
 *    follows a function response for model output. [src: adk-python contents.py]
 * 2. Contents of the user and of agents alternate; audio, files, deltas and empty events are left out (E16).
 * 3. At most the newest 200 contents and 256 Ki characters; what is older is cut away in front of words of the user.
 */
export function historyOf(events: readonly Event[], options: HistoryOptions = {}): readonly Content[] {
  const lines = events.flatMap((event) => (isOnBranch(event, options.branch) ? linesOf(event, options) : []));
  const recent = newest(lines);
  const images = newestImages(recent);
  const contents: { readonly isUser: boolean; readonly lines: HistoryLine[] }[] = [];
  for (const line of recent) {
    const last = contents.at(-1);
    if (last?.isUser === line.isUser) last.lines.push(line);
    else contents.push({ isUser: line.isUser, lines: [line] });
  }
  return contents
    .map(({ isUser, lines: told }) => (isUser ? userContent(told, images) : asContext(told)))
    .filter(({ parts }) => parts.length > 0);
}

/** Sentences that one agent said in a row become one line. */
function asContext(lines: readonly HistoryLine[]): Content {
  const told: string[] = [];
  let speaking: string | undefined;
  for (const { said, text, author } of lines) {
    if (said !== undefined && speaking === author) told.push(`${told.pop() ?? ''} ${said}`);
    else told.push(text);
    speaking = said === undefined ? undefined : author;
  }
  return { role: 'user', parts: [{ text: `For context:\n${told.join('\n')}` }] };
}

function newest(lines: readonly HistoryLine[]): readonly HistoryLine[] {
  let contents = 0;
  let chars = 0;
  let start = lines.length;
  for (; start > 0; start--) {
    const line = lines[start - 1];
    if (!line) break;
    if (lines[start]?.isUser !== line.isUser) contents += 1;
    chars += line.text.length;
    if (contents > MAX_CONTENTS || chars > MAX_CHARS) break;
  }
  if (start === 0) return lines;
  const turn = lines.findIndex((line, at) => at >= start && line.isUser);
  return lines.slice(turn < 0 ? start : turn);
}

/** [src: adk-python contents.py `_is_event_belongs_to_branch`] */
function isOnBranch(event: Event, branch: string | undefined): boolean {
  if (branch === undefined || event.branch === undefined) return true;
  return branch === event.branch || branch.startsWith(`${event.branch}.`);
}
