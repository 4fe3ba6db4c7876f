import type { Content, Event } from '@parley/event';
import { systemInstructionOf } from '../agent/instruction.js';
import { LlmAgent } from '../agent/llm-agent.js';
import type { LiveModelCapabilities } from '../model/live-model.js';
import type { LlmRequest } from '../model/llm.js';
import { asyncCallbackContext, type AsyncInvocation } from '../runner/async-invocation.js';
import { untilEnded } from '../runner/run-bounds.js';
import { GENERATION_FIELDS } from '../runner/run-config-parts.js';
import type { BaseTool } from '../tool/base-tool.js';
import { STOP_STREAMING } from '../tool/reserved-tool-names.js';
import { toolSetOf } from '../tool/tool-set.js';
import { instructionFor } from './agent-instruction.js';
import { contentsOf } from './content-history.js';
import { declarationFor } from './tool-declaration.js';

/** A unary model waits for each answer, and takes one for each call. */
const UNARY: LiveModelCapabilities = { textModality: true, asyncTools: false, responseScheduling: false };

/**
 * The tools of an agent in a `runAsync`. Those that read along with the user have nothing to read here, and nothing
 * goes on streaming after its call, so that neither they nor `stop_streaming` are offered.
 */
export function unaryToolsOf(agent: LlmAgent, { tree }: AsyncInvocation): readonly BaseTool[] {
  const transferTargets = tree.transferTargetsOf(agent);
  const own = agent.tools.filter((tool) => !tool.inputStream);
  return toolSetOf(own, { transferTargets }).filter((tool) => tool.name !== STOP_STREAMING);
}

/** All that the model is told for one step of `agent`'s turn; the conversation as it stands now. */
export async function llmRequestOf(
  invocation: AsyncInvocation,
  agent: LlmAgent,
  tools: readonly BaseTool[],
): Promise<LlmRequest> {
  const { tree, runConfig, llm } = invocation;
  const root = tree.root instanceof LlmAgent ? tree.root : undefined;
  const context = asyncCallbackContext(invocation, agent.name);
  const told = await untilEnded(invocation, systemInstructionOf(agent, context, root));
  const builtInTools = tools.flatMap((tool) => (tool.builtIn ? [tool.builtIn] : []));
  const config = GENERATION_FIELDS.map((field) => [field, runConfig[field]] as const);
  return {
    model: llm.modelFor(agent.model),
    contents: conversation(invocation, agent),
    systemInstruction: [told, instructionFor(agent, tree, false)].filter(Boolean).join('\n\n'),
    tools: tools.flatMap((tool) => declarationFor(tool, UNARY) ?? []),
    ...(builtInTools.length > 0 ? { builtInTools } : {}),
    config: Object.fromEntries(config.filter(([, value]) => value !== undefined)),
  };
}

/** The session's events, with the user's message as it came, and what the run adds for the model's eyes only. */
function conversation(
  { store, events, said, earlier, runConfig }: AsyncInvocation,
  agent: LlmAgent,
): readonly Content[] {
  const past = store.events.filter(({ id }) => earlier.has(id));
  const since = store.events.filter(({ id }) => !earlier.has(id) && id !== said.id);
  const hints = (runConfig.modelInputContext ?? []).map(({ role = 'user' as const, parts }): Event =>
    events.make(role === 'user' ? 'user' : agent.name, { content: { role, parts } }),
  );
  // Nothing may come between a call and its answer.
  const answers = said.content?.parts.some((part) => part.functionResponse) ?? false;
  const now = answers ? [said, ...hints] : [...hints, said];
  return contentsOf([...past, ...now, ...since], {
    agentName: agent.name,
    includeContents: agent.includeContents,
    includeThoughtsFromOtherAgents: runConfig.includeThoughtsFromOtherAgents,
  });
}
