import type { z } from 'zod';
import { FunctionTool, type FunctionToolConfig } from './function-tool.js';

const NOTE =
  'NOTE: This is a long-running operation. Do not call this tool again if it has already returned some intermediate or pending status.';

/**
 * ADK's LongRunningFunctionTool: starts something that ends later. What `execute` returns, if anything, is a first
 * answer; the app sends the real one as a functionResponse under the id in `longRunningToolIds`.
 */
export class LongRunningFunctionTool<Schema extends z.ZodObject = z.ZodObject> extends FunctionTool<Schema> {
  constructor(config: Omit<FunctionToolConfig<Schema>, 'isLongRunning'>) {
    super({ ...config, description: `${config.description}\n\n${NOTE}`.trim(), isLongRunning: true });
  }
}
