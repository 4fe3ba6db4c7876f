export * from './artifact-service-contract.js';
export * from './memory-service-contract.js';
export * from './scripted-live-model.js';
export * from './scripted-llm.js';
export * from './session-service-contract.js';
