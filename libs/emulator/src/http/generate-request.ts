import { ParleyError } from '@parley/kernel';
import type { PlannedCall, ToolOutcome } from '../brain/brain.js';
import { fillArguments } from '../brain/tool-arguments.js';
import { readContentText } from '../codec/content.js';
import { readFunctions, type FunctionDeclaration } from '../codec/function-declaration.js';
import { ProtoObject } from '../codec/proto-object.js';
import { ConversationHistory, type HistoryEntry } from '../session/conversation-history.js';

/** What `generateContent` is asked, reduced to what rules can answer. */
export interface GenerateRequest {
  readonly instruction: string;
  /** Those that may be called. */
  readonly functions: readonly FunctionDeclaration[];
  /** Set where some function has to be called. */
  readonly forcedCall: PlannedCall | undefined;
  /** Set where the answer has to be this JSON's sort. */
  readonly answerSchema: FunctionDeclaration['parameters'];
  /** What came before `said` or `outcomes`. */
  readonly history: readonly HistoryEntry[];
  /** The user's words since the model's last turn. */
  readonly said: string;
  /** Not empty where the request ends with what tools answered. */
  readonly outcomes: readonly ToolOutcome[];
  /** How many turns the user has had, this one included. */
  readonly turns: number;
  readonly pictures: number;
  readonly modality: 'AUDIO' | 'TEXT';
  readonly voiceName: string | undefined;
  /** Characters of the whole prompt. */
  readonly promptChars: number;
}

/** Throws `invalid_message`. */
export function readGenerateRequest(value: unknown): GenerateRequest {
  const body = ProtoObject.from(value, '');
  const contents = body.objects('contents');
  if (contents.length === 0) {
    throw new ParleyError('invalid_message', '* GenerateContentRequest.contents: contents is not specified', {
      kind: 'invalid_argument',
    });
  }
  const { history, outcomes } = readContents(contents);
  const open = history.entries.slice(history.unansweredFrom());
  const said = open.flatMap((entry) => (entry.role === 'user' ? [entry.text] : [])).join(' ');
  const generation = body.object('generationConfig');
  const speech = generation?.object('speechConfig')?.object('voiceConfig')?.object('prebuiltVoiceConfig');
  const instruction = body.object('systemInstruction');
  const declared = readFunctions(body.objects('tools'));
  const calling = body.object('toolConfig')?.object('functionCallingConfig');
  const mode = calling?.enumName('mode');
  const allowed = calling?.strings('allowedFunctionNames') ?? [];
  const functions =
    mode === 'NONE' ? [] : declared.filter(({ name }) => allowed.length === 0 || allowed.includes(name));
  return {
    instruction: instruction ? readContentText(instruction) : '',
    functions,
    forcedCall: mode === 'ANY' && outcomes.length === 0 ? callOf(functions[0], said) : undefined,
    answerSchema: readSchema(generation),
    history:
      outcomes.length > 0
        ? history.entries
        : history.entries.filter((entry) => entry.role !== 'user' || !open.includes(entry)),
    said,
    outcomes,
    turns: contents.filter((content) => isUserTurn(content)).length,
    pictures: partsOf(contents).filter((part) => mimeTypeOf(part).startsWith('image/')).length,
    modality: generation?.strings('responseModalities').some((name) => name.toUpperCase() === 'AUDIO')
      ? 'AUDIO'
      : 'TEXT',
    voiceName: speech?.string('voiceName'),
    promptChars:
      partsOf(contents).reduce((sum, part) => sum + charsOf(part), 0) +
      (instruction ? readContentText(instruction).length : 0),
  };
}

/** All contents as history, but for tool results that come last. */
function readContents(contents: readonly ProtoObject[]): {
  readonly history: ConversationHistory;
  readonly outcomes: readonly ToolOutcome[];
} {
  const history = new ConversationHistory();
  let outcomes: ToolOutcome[] = [];
  for (const content of contents) {
    for (const outcome of outcomes) history.addToolResult(outcome);
    outcomes = [];
    const role = content.string('role') === 'model' ? 'model' : 'user';
    for (const part of content.objects('parts')) {
      const call = part.object('functionCall');
      const answer = part.object('functionResponse');
      if (call) history.addCall(call.string('name') ?? '', record(call.raw('args')));
      if (answer)
        outcomes.push({ name: answer.string('name') ?? '', response: record(answer.raw('response')) });
    }
    history.addClientTurn({ role, text: readContentText(content) });
  }
  return { history, outcomes };
}

function isUserTurn(content: ProtoObject): boolean {
  return (
    content.string('role') !== 'model' &&
    content.objects('parts').some((part) => !part.has('functionResponse'))
  );
}

function partsOf(contents: readonly ProtoObject[]): ProtoObject[] {
  return contents.flatMap((content) => content.objects('parts'));
}

function mimeTypeOf(part: ProtoObject): string {
  return (part.object('inlineData') ?? part.object('fileData'))?.string('mimeType') ?? '';
}

function charsOf(part: ProtoObject): number {
  const json = part.raw('functionCall') ?? part.raw('functionResponse');
  return (part.string('text') ?? '').length + (json === undefined ? 0 : JSON.stringify(json).length);
}

function callOf(tool: FunctionDeclaration | undefined, said: string): PlannedCall | undefined {
  return tool && { name: tool.name, args: fillArguments(tool.parameters, said, { facts: [] }) };
}

function readSchema(generation: ProtoObject | undefined): FunctionDeclaration['parameters'] {
  const parameters = generation?.raw('responseSchema') ?? generation?.raw('responseJsonSchema');
  if (parameters === undefined) return undefined;
  const tool = ProtoObject.from({ functionDeclarations: [{ name: 'answer', parameters }] }, 'tools');
  return readFunctions([tool])[0]?.parameters;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
