import type { ToolState } from './tool-state.js';

/** ADK's ToolContext: what a running tool may know and change. */
export interface ToolContext {
  readonly agentName: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly functionCallId: string;
  /** Reads the session's state; what is set here is stored with the tool's response event. */
  readonly state: ToolState;
  /** Aborts when the call is cancelled, timed out, or the conversation ends. */
  readonly signal: AbortSignal;
}
