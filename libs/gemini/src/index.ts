export { capabilitiesOf, type ModelCapabilities } from './capabilities.js';
export { classifyLoss } from './close-classifier.js';
export type { GeminiCounters } from './gemini-counters.js';
export { GeminiLiveModel, type GeminiLiveModelOptions } from './gemini-live-model.js';
export type { GeminiProvider } from './provider-selection.js';
export type { KeptLiveConnection } from './kept-live-connection.js';
export { redact } from './redact.js';
export { GeminiLlm, type GeminiLlmOptions } from './gemini-llm.js';
