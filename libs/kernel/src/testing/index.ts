export * from './manual-clock.js';
export * from './until.js';
