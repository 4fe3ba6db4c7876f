import { ParleyError } from '@parley/kernel';
import type { BaseTool } from './base-tool.js';

/** A tool that runs at the provider: the model is told that it has it, and no call ever comes here. */
class BuiltInTool implements BaseTool {
  readonly name: string;
  readonly description = '';
  readonly kind = 'builtIn';
  readonly where = 'worker';
  readonly timeoutMs = Infinity;
  readonly inputStream = false;
  readonly builtIn: Readonly<Record<string, unknown>>;

  constructor(name: string, builtIn: Readonly<Record<string, unknown>>) {
    this.name = name;
    this.builtIn = Object.freeze(builtIn);
  }

  async run(): Promise<never> {
    throw new ParleyError('tool_failed', `${this.name} runs at the model's provider.`);
  }
}

/** Answers are grounded in Google Search; what was found comes as `groundingMetadata`. */
export class GoogleSearchTool extends BuiltInTool {
  constructor() {
    super('google_search', { googleSearch: {} });
  }
}

/** The model may write code and have it run; both come as parts of its answer. */
export class CodeExecutionTool extends BuiltInTool {
  constructor() {
    super('code_execution', { codeExecution: {} });
  }
}

export const googleSearch = new GoogleSearchTool();
export const codeExecution = new CodeExecutionTool();
