export * from './scripted-live-model.js';
export * from './session-service-contract.js';
