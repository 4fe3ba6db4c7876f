/** Calls under these names are the runtime's own. [src: adk-python flows/llm_flows/functions.py, live flow] */
export const TRANSFER_TO_AGENT = 'transfer_to_agent';
export const TASK_COMPLETED = 'task_completed';
export const STOP_STREAMING = 'stop_streaming';
export const REQUEST_CONFIRMATION = 'adk_request_confirmation';

/** No tool of an app may be called so; `stop_streaming` alone is declared by ADK's apps, and replaced. */
export const RESERVED_TOOL_NAMES: ReadonlySet<string> = new Set([
  TRANSFER_TO_AGENT,
  TASK_COMPLETED,
  STOP_STREAMING,
  REQUEST_CONFIRMATION,
  'adk_request_credential',
  'adk_request_input',
  'set_model_response',
]);
