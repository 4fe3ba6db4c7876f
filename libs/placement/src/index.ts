export * from './control-plane-unavailable.js';
export * from './in-memory-placement.js';
export * from './session-directory.js';
export * from './session-placer.js';
export * from './slot.js';
export * from './worker-lease.js';
export * from './worker-registry.js';
export * from './worker-selector.js';
