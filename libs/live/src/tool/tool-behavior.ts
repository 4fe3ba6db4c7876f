import type { BaseTool } from './base-tool.js';

/**
 * Whether the model should go on talking while the tool runs, where it can: what comes in several parts, comes late
 * or waits for a person must not silence the conversation.
 */
export function isNonBlocking(
  tool: Pick<BaseTool, 'kind' | 'responseScheduling' | 'confirmation' | 'declaration'>,
): boolean {
  const asked = tool.declaration?.behavior;
  if (asked) return asked === 'NON_BLOCKING';
  return (
    tool.kind === 'streaming' ||
    tool.kind === 'longRunning' ||
    tool.responseScheduling !== undefined ||
    tool.confirmation !== undefined
  );
}
