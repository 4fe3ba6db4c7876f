import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ParleyError } from '@parley/kernel';
import { BaseAgent } from './base-agent.js';

/** Every agent that this process can run, by name. */
export type AgentCatalog = ReadonlyMap<string, BaseAgent>;

/**
 * Loads every `*.agent.js` of `folder`; each exports its agent as `rootAgent` (ADK's name) or as default. Throws
 * `ParleyError` `invalid_config` that names the file when one exports no agent, or two agents share a name.
 */
export async function loadAgents(folder: string): Promise<AgentCatalog> {
  const agents = new Map<string, BaseAgent>();
  const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.agent.js')).sort();
  for (const file of files) {
    const loaded: unknown = await import(pathToFileURL(resolve(join(folder, file))).href);
    const agent = agentOf(loaded);
    if (!agent) throw notAnAgent(file, 'exports no agent as "rootAgent" or as default');
    if (agents.has(agent.name)) throw notAnAgent(file, `is the second agent named "${agent.name}"`);
    agents.set(agent.name, agent);
  }
  if (agents.size === 0) {
    throw new ParleyError('invalid_config', `There is no *.agent.js in ${folder}.`, {
      kind: 'failed_precondition',
    });
  }
  return agents;
}

function agentOf(loaded: unknown): BaseAgent | undefined {
  if (typeof loaded !== 'object' || loaded === null) return undefined;
  const exported =
    'rootAgent' in loaded ? loaded.rootAgent : 'default' in loaded ? loaded.default : undefined;
  return exported instanceof BaseAgent ? exported : undefined;
}

function notAnAgent(file: string, why: string): ParleyError {
  return new ParleyError('invalid_config', `Agent file ${file} ${why}.`, { kind: 'invalid_argument' });
}
