import type { FunctionDeclaration } from '../codec/function-declaration.js';
import type { BrainContext, PlannedCall } from './brain.js';
import { fillArguments, type ArgumentSource } from './tool-arguments.js';
import { contentWords, coverage, humanName, sentencesIn, similar, stem, wordsIn } from './words.js';

/** Words of function names that say little about what the function is for. */
const WEAK = new Set(
  `get set fetch check find search show list look lookup create make start run do tool function info information
  data current status detail details new by for from to of in the a an my user value and or with is`
    .split(/\s+/)
    .map(stem),
);

/**
 * The calls that the user's words ask for: a function is meant when the telling words of its name occur, or
 * several of its description. Each part of a sentence may ask for one, so that two questions at once become two
 * calls.
 */
export function chooseCalls(said: string, context: BrainContext, source: ArgumentSource): PlannedCall[] {
  const special = chooseStopStreaming(said, context) ?? chooseTransfer(said, context, 2);
  if (special) return [special];
  const clauses = said.split(/[.?!;]\s+|,?\s+(?:and then|and also|and|then|also)\s+|,\s+/i);
  const chosen = clauses.flatMap((clause) => {
    const tool = chooseFunction(clause, said, context);
    return tool ? [{ tool, text: clause }] : [];
  });
  const names = new Set(chosen.map(({ tool }) => tool.name));
  const [first] = chosen;
  if (!first) {
    const tool = chooseFunction(said, said, context);
    const transfer = tool ? undefined : chooseTransfer(said, context, 1);
    return tool ? [planCall(tool, said, source)] : transfer ? [transfer] : [];
  }
  // One function: the other parts of the sentence belong to its arguments.
  if (chosen.length === 1 || (names.size === 1 && !repeats(first.tool)))
    return [planCall(first.tool, said, source)];
  return chosen.map(({ tool, text }) => planCall(tool, text, source));
}

/** Whether asking twice in a sentence means two calls: only arguments can tell them apart. */
function repeats(tool: FunctionDeclaration): boolean {
  return (tool.parameters?.properties.size ?? 0) > 0;
}

function planCall(tool: FunctionDeclaration, text: string, source: ArgumentSource): PlannedCall {
  return { name: tool.name, args: fillArguments(tool.parameters, text, source) };
}

function chooseFunction(
  clause: string,
  said: string,
  { functions, instruction }: BrainContext,
): FunctionDeclaration | undefined {
  const words = contentWords(clause);
  const all = wordsIn(clause).map(stem);
  const tellsOfSelf =
    /^(?:well |so |and |hi |hello )?(?:my \w+(?: \w+)? (?:is|are)|i am|i'm|i live|i like|i love)\b/i.test(
      said,
    );
  let best: { tool: FunctionDeclaration; score: number } | undefined;
  for (const tool of functions) {
    if (RESERVED.has(tool.name)) continue;
    const nameWords = wordsIn(tool.name).map(stem);
    const telling = nameWords.filter((word) => !WEAK.has(word));
    const wanted = telling.length > 0 ? telling : nameWords;
    const byName = coverage(wanted, all);
    const described = describingWords(tool, instruction).filter((word) => !nameWords.includes(word));
    const hits = words.filter((word) => described.some((each) => similar(each, word))).length;
    const enough = byName === 1 || (!tellsOfSelf && (byName >= 0.5 || hits >= 2));
    if (!enough) continue;
    const weak = coverage(nameWords, all);
    const score = byName * 10 + wanted.length * byName + weak + hits * 0.5;
    if (!best || score > best.score) best = { tool, score };
  }
  return best?.tool;
}

const RESERVED = new Set(['transfer_to_agent', 'transferToAgent', 'stop_streaming', 'stopStreaming']);

/** Of its description, its enums, and what the instruction says where it names the function. */
function describingWords(tool: FunctionDeclaration, instruction: string): string[] {
  const hints = sentencesIn(instruction).filter((sentence) => sentence.includes(tool.name));
  const options = [...(tool.parameters?.properties.values() ?? [])].flatMap((property) => property.options);
  const words = contentWords([tool.description.slice(0, 400), ...hints, ...options].join(' '));
  return [...new Set(words)].filter((word) => !WEAK.has(word));
}

/** ADK's `stop_streaming(function_name)`: the streaming tool that is meant, else the one called last. */
function chooseStopStreaming(said: string, { functions, history }: BrainContext): PlannedCall | undefined {
  const tool = functions.find(({ name }) => name === 'stop_streaming' || name === 'stopStreaming');
  if (!tool || !/\b(?:stop|cancel|quit|end|no more)\b/i.test(said)) return undefined;
  const called = history.flatMap((entry) => (entry.role === 'call' ? [entry.name] : [])).reverse();
  const words = contentWords(said);
  const named = [...called, ...functions.map(({ name }) => name)].find(
    (name) => name !== tool.name && coverage(contentWords(humanName(name)), words) >= 0.5,
  );
  const target = named ?? called.find((name) => name !== tool.name);
  const parameter = [...(tool.parameters?.properties.keys() ?? [])][0] ?? 'function_name';
  return target === undefined ? undefined : { name: tool.name, args: { [parameter]: target } };
}

/**
 * ADK's `transfer_to_agent`: its instruction lists the agents as "Agent name: …" and "Agent description: …". An
 * agent is meant by its name, or by at least `minHits` words of its description. Words that have just brought the
 * user here don't send them on.
 */
function chooseTransfer(
  said: string,
  { functions, instruction, history }: BrainContext,
  minHits: number,
): PlannedCall | undefined {
  const tool = functions.find(({ name }) => name === 'transfer_to_agent' || name === 'transferToAgent');
  const latest = history.at(-1);
  const justTransferred = latest?.role === 'context' && /transfer/i.test(latest.text);
  if (!tool || justTransferred) return undefined;
  const words = contentWords(said);
  const listed = [...instruction.matchAll(/Agent name:\s*([\w-]+)\s*\n\s*Agent description:\s*(.*)/gi)];
  let best: { readonly name: string; readonly score: number } | undefined;
  for (const [, name = '', description = ''] of listed) {
    const telling = contentWords(humanName(name)).filter((word) => word !== 'agent');
    const byName = coverage(telling, words);
    const hits = contentWords(description).filter((word) => words.some((each) => similar(each, word))).length;
    const score = (byName >= 0.5 ? 5 * byName : 0) + (byName >= 0.5 || hits >= minHits ? hits : 0);
    if (score > (best?.score ?? 0)) best = { name, score };
  }
  const parameter = [...(tool.parameters?.properties.keys() ?? [])][0] ?? 'agent_name';
  return best && { name: tool.name, args: { [parameter]: best.name } };
}
