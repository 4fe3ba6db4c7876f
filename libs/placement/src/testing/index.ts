export * from './placement-fixture.js';
export * from './placement-model.js';
export * from './run-journal-contract.js';
export * from './session-directory-contract.js';
export * from './worker-registry-contract.js';
