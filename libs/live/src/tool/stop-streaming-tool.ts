import { ParleyError } from '@parley/kernel';
import { z } from 'zod';
import { STOP_STREAMING } from './reserved-tool-names.js';
import { RuntimeTool } from './runtime-tool.js';

const named = z
  .looseObject({ function_name: z.string().optional(), functionName: z.string().optional() })
  .transform(({ function_name, functionName }) => function_name ?? functionName);

/** ADK's `stop_streaming(function_name)`: the model ends a streaming tool. Who runs the tools acts on it. */
export class StopStreamingTool extends RuntimeTool {
  constructor() {
    super({
      name: STOP_STREAMING,
      description: 'Stops a streaming function that is running.',
      parametersJsonSchema: {
        type: 'object',
        properties: {
          function_name: { type: 'string', description: 'The name of the streaming function to stop.' },
        },
        required: ['function_name'],
      },
    });
  }

  async run(): Promise<never> {
    throw new ParleyError('tool_failed', 'Nothing streams here.');
  }
}

/** Which function the model wants stopped. Throws `ParleyError` `invalid_message` when it did not say. */
export function functionToStop(args: unknown): string {
  const name = named.safeParse(args).data;
  if (name) return name;
  throw new ParleyError('invalid_message', 'Arguments do not fit: function_name is missing.', {
    kind: 'invalid_argument',
  });
}
