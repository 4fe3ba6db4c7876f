import { functionCallsOf, type Content, type Event, type FunctionResponse, type Part } from '@parley/event';
import { REQUEST_CONFIRMATION } from '../tool/reserved-tool-names.js';
import { linesOf } from './history-line.js';

/** Questions to people, and their answers, are no business of the model's. [src: adk-python contents.py] */
const NOT_FOR_MODELS: ReadonlySet<string> = new Set([
  REQUEST_CONFIRMATION,
  'adk_request_credential',
  'adk_request_input',
]);

/** Stands where an answer has not come yet: the API wants one for every call. */
const NO_RESULT_YET = { status: 'There is no result yet.' };
/** [src: adk-python base_llm.py `_maybe_append_user_content`] */
const BEGIN = 'Handle the requests as specified in the System Instruction.';
const GO_ON =
  'Continue processing previous requests as instructed. Exit or provide a summary if no more outputs are needed.';
const EARLIER = 'The conversation began earlier.';

export interface ContentsOptions {
  /** Who is told: its own words stay the model's, those of other agents become context. */
  readonly agentName: string;
  readonly includeContents: 'default' | 'none';
  readonly includeThoughtsFromOtherAgents: boolean;
}

/**
 * A conversation as `generateContent` takes it, for one agent. [src: adk-python contents.py]
 *
 * 1. It begins and ends with the user, who is made to say that there is something to do where nobody else does.
 * 2. Each content with calls is followed by one with an answer to each, in call order, the newest where one was
 *    answered more than once. An answer that comes after other words is told there, and the call again before it.
 * 3. What was heard and said in live conversations counts as text. Thoughts, deltas and questions to people don't.
 */
export function contentsOf(events: readonly Event[], options: ContentsOptions): readonly Content[] {
  const { agentName, includeContents } = options;
  const transcript = new Transcript(agentName, events);
  const from =
    includeContents === 'none' ? events.findLastIndex((event) => isFromOutside(event, agentName)) : 0;
  for (const event of events.slice(Math.max(0, from))) {
    if (event.partial === true) continue;
    if (event.author === 'user') transcript.user(event);
    else if (event.author === agentName) transcript.own(event);
    else
      transcript.context(
        linesOf(event, { includeThoughts: options.includeThoughtsFromOtherAgents, agentName }),
      );
  }
  return transcript.finish();
}

/** The user, or another agent: what an agent that is told nothing of the past has to react to. */
function isFromOutside(event: Event, agentName: string): boolean {
  return event.author !== agentName && linesOf(event).length > 0;
}

class Transcript {
  readonly #contents: { readonly role: 'user' | 'model'; readonly parts: Part[] }[] = [];
  /** Calls of the agent that is told, by id. */
  readonly #calls: ReadonlyMap<string, Part>;
  /** Calls of the last content, with the answers that have come. */
  readonly #open = new Map<string, FunctionResponse | undefined>();
  readonly #agentName: string;

  constructor(agentName: string, events: readonly Event[]) {
    this.#agentName = agentName;
    const own = events.filter(({ author, partial }) => author === agentName && partial !== true);
    const calls = own.flatMap((event) => event.content?.parts ?? []);
    this.#calls = new Map(calls.flatMap((part) => (part.functionCall ? [[part.functionCall.id, part]] : [])));
  }

  user(event: Event): void {
    const heard = event.inputTranscription?.text.trim();
    const parts = (event.content?.parts ?? []).filter(isWorthTelling);
    for (const { functionResponse } of parts) if (functionResponse) this.#answer(functionResponse, true);
    const rest = parts.filter((part) => !part.functionResponse && !part.functionCall);
    this.#say(heard ? [{ text: heard }, ...rest] : rest);
  }

  own(event: Event): void {
    const said = event.outputTranscription?.text.trim();
    const parts = (event.content?.parts ?? []).filter(isWorthTelling);
    for (const { functionResponse } of parts) if (functionResponse) this.#answer(functionResponse, false);
    this.#model([...(said ? [{ text: said }] : []), ...parts.filter((part) => !part.functionResponse)]);
  }

  context(lines: readonly { readonly text: string }[]): void {
    if (lines.length > 0) this.#say([{ text: 'For context:' }, ...lines.map(({ text }) => ({ text }))]);
  }

  finish(): readonly Content[] {
    this.#settle();
    const contents: readonly Content[] = this.#contents;
    const begun = contents[0]?.role === 'model' ? [user(EARLIER), ...contents] : contents;
    if (begun.length === 0) return [user(BEGIN)];
    return begun.at(-1)?.role === 'model' ? [...begun, user(GO_ON)] : begun;
  }

  #say(parts: readonly Part[]): void {
    if (parts.length === 0) return;
    this.#settle();
    this.#contents.push({ role: 'user', parts: [...parts] });
  }

  #model(parts: readonly Part[]): void {
    if (parts.length === 0) return;
    const answered = [...this.#open.values()].some((response) => response !== undefined);
    if (answered || parts.some((part) => !part.functionCall)) this.#settle();
    const last = this.#contents.at(-1);
    if (last?.role === 'model') last.parts.push(...parts);
    else this.#contents.push({ role: 'model', parts: [...parts] });
    for (const { functionCall } of parts) if (functionCall) this.#open.set(functionCall.id, undefined);
  }

  /** @param fromApp whether the app gave it: the real result of something that takes long. */
  #answer(response: FunctionResponse, fromApp: boolean): void {
    const call = this.#calls.get(response.id);
    if (!this.#open.has(response.id)) {
      const streamed = response.willContinue !== undefined && !fromApp;
      if (!call || streamed) return this.context([{ text: this.#retold(response) }]);
      this.#model([call]);
    }
    this.#open.set(response.id, response);
  }

  /** Whatever comes next, the open calls are answered before it. */
  #settle(): void {
    if (this.#open.size === 0) return;
    const parts = [...this.#open].map(([id, response]): Part => {
      const name = this.#calls.get(id)?.functionCall?.name ?? '';
      return { functionResponse: response ?? { id, name, response: NO_RESULT_YET } };
    });
    this.#open.clear();
    this.#contents.push({ role: 'user', parts });
  }

  #retold({ name, response }: FunctionResponse): string {
    return `[${this.#agentName}] \`${name}\` tool returned result: ${JSON.stringify(response)}`;
  }
}

function isWorthTelling(part: Part): boolean {
  if (part.thought) return false;
  if (part.text !== undefined) return part.text !== '';
  return !NOT_FOR_MODELS.has(part.functionCall?.name ?? part.functionResponse?.name ?? '');
}

function user(text: string): Content {
  return { role: 'user', parts: [{ text }] };
}

/** The agent that made the call that `response` answers; also for questions to a person. */
export function callerOf(events: readonly Event[], response: FunctionResponse): string | undefined {
  return events.findLast(
    (event) => event.author !== 'user' && functionCallsOf(event).some(({ id }) => id === response.id),
  )?.author;
}
