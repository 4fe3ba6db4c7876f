import { ParleyError } from '@parley/kernel';
import type { LlmAgent } from './llm-agent.js';

const PLACEHOLDER = /\{((?:app:|user:|temp:)?[A-Za-z_][A-Za-z0-9_]*)(\?)?\}/g;

/**
 * The system instruction of one connection: the agent's instruction with `{state}` filled in, then who it is.
 * A missing key ends the start, as in ADK. [src: adk-python instructions_utils.py, identity.py]
 */
export function systemInstructionOf(agent: LlmAgent, state: Readonly<Record<string, unknown>>): string {
  const told = agent.instruction.replace(PLACEHOLDER, (_match, key: string, optional: string | undefined) => {
    const value = state[key];
    if (value !== undefined) return typeof value === 'string' ? value : JSON.stringify(value);
    if (optional) return '';
    throw new ParleyError(
      'invalid_config',
      `Agent ${agent.name}: the instruction needs "${key}" in the session's state.`,
      {
        kind: 'failed_precondition',
      },
    );
  });
  const identity = [`You are an agent. Your internal name is "${agent.name}".`];
  if (agent.description) identity.push(`The description about you is "${agent.description}".`);
  return `${told}\n\n${identity.join(' ')}`;
}
