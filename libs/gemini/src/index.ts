export { capabilitiesOf, DEFAULT_LIVE_MODEL, type ModelCapabilities } from './capabilities.js';
export { classifyLoss, type ConnectionLoss, type LossVerdict } from './close-classifier.js';
export type { GeminiCounters } from './gemini-counters.js';
export { GeminiLiveModel, type GeminiLiveModelOptions } from './gemini-live-model.js';
export type { GeminiProvider } from './provider-selection.js';
export { redact } from './redact.js';
export type { GeminiServerMessage } from './server-message-mapper.js';
