import type { FunctionDeclaration, LiveModelCapabilities } from '../model/live-model.js';
import type { BaseTool } from '../tool/base-tool.js';
import { isNonBlocking } from '../tool/tool-behavior.js';

/** How a model is told of a tool; undefined for one that runs at the provider. */
export function declarationFor(
  tool: BaseTool,
  capabilities: LiveModelCapabilities,
): FunctionDeclaration | undefined {
  if (!tool.declaration) return undefined;
  const { behavior, ...declaration } = tool.declaration;
  if (!capabilities.asyncTools) return declaration;
  if (isNonBlocking(tool)) return { ...declaration, behavior: 'NON_BLOCKING' };
  return behavior ? { ...declaration, behavior } : declaration;
}
