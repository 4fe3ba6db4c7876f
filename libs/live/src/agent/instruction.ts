import { ParleyError } from '@parley/kernel';
import type { CallbackContext } from './callback-context.js';
import type { InstructionProvider } from './instruction-provider.js';
import type { LlmAgent } from './llm-agent.js';

const PLACEHOLDER = /\{(artifact\.[^{}?\s]+|(?:app:|user:|temp:)?[A-Za-z_][A-Za-z0-9_]*)(\?)?\}/g;

/**
 * The system instruction of one agent's run: the root's global instruction, the agent's own with `{state}` and
 * `{artifact.name}` filled in, then who it is. A missing key ends the start, as in ADK.
 * [src: adk-python instructions_utils.py, identity.py]
 */
export async function systemInstructionOf(
  agent: LlmAgent,
  context: CallbackContext,
  root: LlmAgent | undefined = undefined,
): Promise<string> {
  const global = root?.globalInstruction ? await told(root.globalInstruction, agent, context) : '';
  const own = await told(agent.instruction, agent, context);
  const identity = [`You are an agent. Your internal name is "${agent.name}".`];
  if (agent.description) identity.push(`The description about you is "${agent.description}".`);
  return [global, own, identity.join(' ')].filter(Boolean).join('\n\n');
}

async function told(
  instruction: string | InstructionProvider,
  agent: LlmAgent,
  context: CallbackContext,
): Promise<string> {
  if (typeof instruction === 'function') return instruction(context);
  const artifacts = new Map<string, string | undefined>();
  for (const [, key] of instruction.matchAll(PLACEHOLDER)) {
    if (!key?.startsWith('artifact.')) continue;
    artifacts.set(key, (await context.loadArtifact(key.slice('artifact.'.length)))?.text);
  }
  return instruction.replace(PLACEHOLDER, (_match, key: string, optional: string | undefined) => {
    const value = key.startsWith('artifact.') ? artifacts.get(key) : context.state.get(key);
    if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
    if (optional) return '';
    throw new ParleyError(
      'invalid_config',
      `Agent ${agent.name}: the instruction needs "${key}" in the session's state.`,
      { kind: 'failed_precondition' },
    );
  });
}
