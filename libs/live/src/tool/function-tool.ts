import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { FunctionDeclaration } from '../model/live-model.js';
import type { ToolContext } from './tool-context.js';

const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;

export interface FunctionToolConfig<Schema extends z.ZodObject> {
  readonly name: string;
  /** Tells the model when to call it and what comes back. */
  readonly description: string;
  readonly parameters?: Schema;
  /** Returns what the model is told: an object as it is, anything else as `{result: …}`. */
  readonly execute: (args: z.output<Schema>, context: ToolContext) => unknown;
  /** `worker` (default): beside the conversation. `runner`: as a job, which outlives the worker. */
  readonly where?: 'worker' | 'runner';
  /** Default 30 s; after it the model is told that the tool timed out. */
  readonly timeoutMs?: number;
}

export const DEFAULT_TOOL_TIMEOUT_MS = 30_000;

/** A tool as the flow sees it: ADK's BaseTool. */
export interface Tool {
  readonly name: string;
  readonly where: 'worker' | 'runner';
  readonly timeoutMs: number;
  readonly declaration: FunctionDeclaration;
  /** Checks the model's arguments, then runs. Throws `ParleyError` `invalid_message` for arguments that do not fit. */
  run(args: unknown, context: ToolContext): Promise<unknown>;
}

/** ADK's FunctionTool: a function with a zod schema for its arguments. */
export class FunctionTool<Schema extends z.ZodObject = z.ZodObject> implements Tool {
  readonly name: string;
  readonly where: 'worker' | 'runner';
  readonly timeoutMs: number;
  readonly declaration: FunctionDeclaration;
  readonly #schema: z.ZodObject;
  readonly #execute: (args: z.output<Schema>, context: ToolContext) => unknown;

  constructor(config: FunctionToolConfig<Schema>) {
    if (!TOOL_NAME.test(config.name)) {
      throw new ParleyError(
        'invalid_config',
        `"${config.name}" is not a tool name: letters, digits, _ . - only.`,
      );
    }
    this.name = config.name;
    this.where = config.where ?? 'worker';
    this.timeoutMs = config.timeoutMs ?? DEFAULT_TOOL_TIMEOUT_MS;
    this.#schema = config.parameters ?? z.object({});
    this.#execute = config.execute;
    const { $schema: _dialect, ...parametersJsonSchema } = z.toJSONSchema(this.#schema, { io: 'input' });
    this.declaration = { name: config.name, description: config.description, parametersJsonSchema };
  }

  async run(args: unknown, context: ToolContext): Promise<unknown> {
    const parsed = this.#schema.safeParse(args);
    if (!parsed.success) {
      const problems = parsed.error.issues
        .map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        .join('; ');
      throw new ParleyError('invalid_message', `Arguments do not fit: ${problems}`, {
        kind: 'invalid_argument',
      });
    }
    return this.#execute(parsed.data as z.output<Schema>, context);
  }
}
