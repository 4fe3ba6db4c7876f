import { functionCallsOf, functionResponsesOf, type Content, type Event } from '@parley/event';
import { linesOf, newestImages, userContent } from './history-line.js';

/** What is left out beyond it are the oldest words. */
const MAX_CHARS = 64 * 1024;
/** From a typed message to the end of the turn that it interrupts. */
const CUTS_OFF_WITHIN_MS = 1_000;

export interface SplitConversation {
  /** Everything but the unanswered words, in order. */
  readonly answered: readonly Event[];
  /** What the user said, typed and showed since. */
  readonly unanswered: Content | undefined;
}

/** Parts a conversation into what has been answered and what the user said since. */
export function splitUnanswered(events: readonly Event[]): SplitConversation {
  const open = unansweredWords(events);
  const words = new Set(open);
  return { answered: events.filter((event) => !words.has(event)), unanswered: wordsOfUser(open) };
}

/**
 * What the user said, typed and showed that has not been answered: a new session of the model has to answer it, and
 * never again anything else (E15, G2).
 *
 * 1. A turn that ends answers everything that came before its end, whether the agent spoke in it or not.
 * 2. A turn that is cut off answers if anything of it was heard, but not what was typed right before: that is what cut it
 *    off. The `turnComplete` that confirms it counts for nothing.
 * 3. The rest of a turn in which the agent hands over answers nothing: whoever takes over has to. The same holds for
 *    a turn that ended while the call that hands over was still under way, if it was the last one.
 */
export function unansweredWords(events: readonly Event[]): readonly Event[] {
  let open: Event[] = [];
  let spoke = false;
  let cutOff = false;
  let handedTo: string | undefined;
  let calls = new Set<string>();
  /** The words that the last turn answered, and its calls that it left open. */
  let last: { readonly words: readonly Event[]; readonly calls: ReadonlySet<string> } | undefined;
  for (const event of events) {
    const lines = linesOf(event);
    if (event.author === 'user') {
      if (lines.length > 0) open.push(event);
      continue;
    }
    for (const { id } of functionCallsOf(event)) calls.add(id);
    const ended = functionResponsesOf(event).map(({ id }) => id);
    for (const id of ended) calls.delete(id);
    if (event.actions.transferToAgent !== undefined && ended.some((id) => last?.calls.has(id))) {
      open = [...(last?.words ?? []), ...open];
      last = undefined;
    }
    handedTo = event.actions.transferToAgent ?? (event.author === handedTo ? undefined : handedTo);
    if (lines.length > 0) cutOff = false;
    spoke ||= lines.some((line) => line.said !== undefined);
    if (!event.interrupted && !event.turnComplete) continue;
    const answers = event.interrupted ? spoke : !cutOff;
    if (answers && handedTo === undefined) {
      const cause = event.interrupted ? open.filter((words) => cutsOff(words, event)) : [];
      last = { words: open.filter((words) => !cause.includes(words)), calls };
      open = cause;
      calls = new Set();
    }
    cutOff = event.interrupted === true && event.turnComplete !== true;
    spoke = false;
    handedTo = undefined;
  }
  return open;
}

/** What is typed into a turn is stored before the turn's own words, which are known at its end. */
function cutsOff(words: Event, interruption: Event): boolean {
  return !words.inputTranscription && interruption.timestamp - words.timestamp < CUTS_OFF_WITHIN_MS;
}

/** As one turn of the user; undefined without words and pictures. */
export function wordsOfUser(events: readonly Event[]): Content | undefined {
  const words = events.flatMap((event) => linesOf(event)).filter((line) => line.isUser);
  let chars = 0;
  const lines = words.slice(words.findLastIndex(({ text }) => (chars += text.length) > MAX_CHARS) + 1);
  const content = userContent(lines, newestImages(lines));
  return content.parts.length > 0 ? content : undefined;
}
