import type { FunctionResponseScheduling } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import type { FunctionDeclaration } from '../model/live-model.js';
import type { BaseTool } from './base-tool.js';
import { RESERVED_TOOL_NAMES, STOP_STREAMING } from './reserved-tool-names.js';
import { isNonBlocking } from './tool-behavior.js';
import type { ToolContext } from './tool-context.js';

const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
/** Timers take no more. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const DEFAULT_TOOL_TIMEOUT_MS = 30_000;

export interface FunctionToolConfig<Schema extends z.ZodObject> {
  readonly name: string;
  /** Tells the model when to call it and what comes back. */
  readonly description: string;
  readonly parameters?: Schema;
  /**
   * Returns what the model is told: an object as it is, anything else as `{result: …}`. An async generator function
   * makes a streaming tool: the model is told each yield, and at the end what it returned.
   */
  readonly execute: (args: z.output<Schema>, context: ToolContext) => unknown;
  /** The app sends the real result later, under the call's id (ADK's name). */
  readonly isLongRunning?: boolean;
  /** When the model speaks of the result; set, the conversation goes on while the tool runs, where the model can. */
  readonly responseScheduling?: FunctionResponseScheduling;
  /** A person has to agree before the tool runs. */
  readonly requireConfirmation?: boolean | ((args: z.output<Schema>) => boolean);
  /** `context.inputStream` brings what the user sends from the call on. */
  readonly inputStream?: boolean;
  /** `worker` (default): beside the conversation. `runner`: as a job, which outlives the worker. */
  readonly where?: 'worker' | 'runner';
  /**
   * After it the model is told that the tool timed out. Default 30 s. For streaming tools the longest wait between
   * two yields, and no limit by default.
   */
  readonly timeoutMs?: number;
}

/** ADK's FunctionTool: a function with a zod schema for its arguments. */
export class FunctionTool<Schema extends z.ZodObject = z.ZodObject> implements BaseTool {
  readonly name: string;
  readonly description: string;
  readonly kind: 'function' | 'longRunning' | 'streaming';
  readonly where: 'worker' | 'runner';
  readonly timeoutMs: number;
  readonly declaration: FunctionDeclaration;
  readonly responseScheduling?: FunctionResponseScheduling;
  readonly inputStream: boolean;
  readonly confirmation?: (args: Readonly<Record<string, unknown>>) => { readonly hint: string } | undefined;
  readonly #schema: z.ZodObject;
  readonly #execute: (args: z.output<Schema>, context: ToolContext) => unknown;

  /** Throws `ParleyError` `invalid_config` for names that no model takes or the runtime uses itself. */
  constructor(config: FunctionToolConfig<Schema>) {
    const { name, description, requireConfirmation, responseScheduling } = config;
    checkName(name);
    this.name = name;
    this.description = description;
    this.kind = kindOf(config);
    this.where = config.where ?? 'worker';
    this.timeoutMs = config.timeoutMs ?? (this.kind === 'streaming' ? Infinity : DEFAULT_TOOL_TIMEOUT_MS);
    if (!isTimeout(this.timeoutMs, this.kind)) throw refused(`Tool ${name}: timeoutMs is not a time.`);
    if (responseScheduling) this.responseScheduling = responseScheduling;
    this.inputStream = config.inputStream ?? false;
    this.#schema = config.parameters ?? z.object({});
    this.#execute = config.execute;
    if (requireConfirmation) this.confirmation = (args) => this.#confirmation(requireConfirmation, args);
    const { $schema: _dialect, ...parametersJsonSchema } = z.toJSONSchema(this.#schema, { io: 'input' });
    const declaration = { name, description, parametersJsonSchema };
    this.declaration = isNonBlocking(this) ? { ...declaration, behavior: 'NON_BLOCKING' } : declaration;
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

  /** Nobody is asked about arguments that do not fit: `run` refuses those. */
  #confirmation(
    required: true | ((args: z.output<Schema>) => boolean),
    args: Readonly<Record<string, unknown>>,
  ): { readonly hint: string } | undefined {
    const parsed = this.#schema.safeParse(args);
    if (!parsed.success) return undefined;
    if (required !== true && !required(parsed.data as z.output<Schema>)) return undefined;
    return {
      hint: `Please approve or reject the tool call ${this.name}() by responding with a FunctionResponse with an expected ToolConfirmation payload.`,
    };
  }
}

function kindOf({
  name,
  execute,
  isLongRunning,
}: {
  readonly name: string;
  readonly execute: (...given: never[]) => unknown;
  readonly isLongRunning?: boolean;
}): 'function' | 'longRunning' | 'streaming' {
  const streams = Object.prototype.toString.call(execute) === '[object AsyncGeneratorFunction]';
  if (streams && isLongRunning) throw refused(`Tool ${name} is either long-running or streaming.`);
  if (isLongRunning) return 'longRunning';
  return streams ? 'streaming' : 'function';
}

function checkName(name: string): void {
  if (!TOOL_NAME.test(name)) throw refused(`"${name}" is not a tool name: letters, digits, _ . - only.`);
  if (RESERVED_TOOL_NAMES.has(name) && name !== STOP_STREAMING) {
    throw refused(`"${name}" is a name of the runtime's own.`);
  }
}

function isTimeout(timeoutMs: number, kind: BaseTool['kind']): boolean {
  if (timeoutMs === Infinity) return kind === 'streaming';
  return timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS;
}

function refused(message: string): ParleyError {
  return new ParleyError('invalid_config', message, { kind: 'invalid_argument' });
}
