import {
  FunctionTool,
  LlmAgent,
  LoopAgent,
  SequentialAgent,
  type BaseAgent,
  type BaseTool,
  type ToolContext,
} from '@parley/live';
import { z } from 'zod';
import type { AgentSpec, ToolConduct, ToolSpec } from './conversation.js';

/** What the tools of one run share. */
export interface ToolStage {
  /** Tools at work now. */
  running: number;
  /** Resolves at the script's step `release`. */
  readonly released: Promise<void>;
}

/** The agents of a script as ours; adk-peer.mjs builds the same as ADK's. */
export function buildAgent(spec: AgentSpec, stage: ToolStage): BaseAgent {
  const subAgents = (spec.subAgents ?? []).map((child) => buildAgent(child, stage));
  const common = { name: spec.name, description: spec.description ?? '', subAgents };
  if (spec.kind === 'sequential') return new SequentialAgent(common);
  if (spec.kind === 'loop') {
    return new LoopAgent({ ...common, ...(spec.maxIterations && { maxIterations: spec.maxIterations }) });
  }
  return new LlmAgent({
    ...common,
    ...(spec.model && { model: spec.model }),
    instruction: spec.instruction ?? '',
    tools: (spec.tools ?? []).map((tool) => buildTool(tool, stage)),
  });
}

function buildTool(
  { name, description, parameters = [], longRunning, does }: ToolSpec,
  stage: ToolStage,
): BaseTool {
  const strings = Object.fromEntries(parameters.map((parameter) => [parameter, z.string()]));
  const config = { name, description, parameters: z.object(strings), execute: executeOf(does, stage) };
  return new FunctionTool(longRunning ? { ...config, isLongRunning: true } : config);
}

function executeOf(does: ToolConduct, stage: ToolStage): (args: unknown, context: ToolContext) => unknown {
  if (does.yields) {
    const values = does.yields;
    return async function* () {
      yield* values;
    };
  }
  return async (_args, context) => {
    stage.running += 1;
    try {
      for (const [key, value] of Object.entries(does.state ?? {})) context.state.set(key, value);
      if (does.transferTo) context.actions.transferToAgent = does.transferTo;
      if (does.escalate) context.actions.escalate = true;
      const atStart = stage.running;
      if (does.waits) await stage.released;
      if (does.lingers) await new Promise((resolve) => setTimeout(resolve, 50));
      if (does.throws !== undefined) throw new Error(does.throws);
      return does.countsRunning ? { running: atStart } : does.returns;
    } finally {
      stage.running -= 1;
    }
  };
}
