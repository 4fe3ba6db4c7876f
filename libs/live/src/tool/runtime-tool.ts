import type { FunctionDeclaration } from '../model/live-model.js';
import type { BaseTool } from './base-tool.js';
import { DEFAULT_TOOL_TIMEOUT_MS } from './function-tool.js';
import type { ToolContext } from './tool-context.js';

/** A tool that the runtime adds to an agent's own, under a reserved name. */
export abstract class RuntimeTool implements BaseTool {
  readonly kind = 'function';
  readonly where = 'worker';
  readonly timeoutMs = DEFAULT_TOOL_TIMEOUT_MS;
  readonly inputStream = false;
  readonly declaration: FunctionDeclaration;

  constructor(declaration: FunctionDeclaration) {
    this.declaration = declaration;
  }

  get name(): string {
    return this.declaration.name;
  }

  get description(): string {
    return this.declaration.description;
  }

  abstract run(args: unknown, context: ToolContext): Promise<unknown>;
}
