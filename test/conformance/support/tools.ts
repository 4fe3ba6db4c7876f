import { FunctionTool, type FunctionToolConfig } from '@parley/live';
import type { z } from 'zod';
import type { ClientMessage } from './model-side.js';

type Config = FunctionToolConfig<z.ZodObject>;

export const tool = (name: string, execute: Config['execute'], more: Partial<Config> = {}): FunctionTool =>
  new FunctionTool({ name, description: `Does ${name}.`, execute, ...more });

/** A message to the model with these function responses and nothing else. */
export const answers = (...functionResponses: readonly object[]): ClientMessage => ({
  toolResponse: { functionResponses },
});

/** Of what the model was sent, the answers of tools. */
export const toolAnswers = (sent: readonly ClientMessage[]): readonly ClientMessage[] =>
  sent.filter((message) => 'toolResponse' in message);
