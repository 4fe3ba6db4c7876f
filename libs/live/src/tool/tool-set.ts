import type { BaseTool } from './base-tool.js';
import { RESERVED_TOOL_NAMES } from './reserved-tool-names.js';
import { StopStreamingTool } from './stop-streaming-tool.js';
import { TaskCompletedTool } from './task-completed-tool.js';
import { TransferToAgentTool } from './transfer-to-agent-tool.js';

export interface ToolSetOptions {
  /** Whom the agent may hand over to. */
  readonly transferTargets?: readonly { readonly name: string }[];
  /** The agent stands in a SequentialAgent. */
  readonly inSequence?: boolean;
}

/**
 * All that a model is told of: an agent's own tools, and those that the runtime adds. An app's own `stop_streaming`
 * (ADK's apps have to declare one) gives way to ours, which is there whenever something streams.
 */
export function toolSetOf(own: readonly BaseTool[], options: ToolSetOptions = {}): readonly BaseTool[] {
  const { transferTargets = [], inSequence = false } = options;
  const streams = own.some((tool) => tool.kind === 'streaming');
  return [
    ...own.filter((tool) => !RESERVED_TOOL_NAMES.has(tool.name)),
    ...(streams ? [new StopStreamingTool()] : []),
    ...(transferTargets.length > 0 ? [new TransferToAgentTool(transferTargets)] : []),
    ...(inSequence ? [new TaskCompletedTool()] : []),
  ];
}
