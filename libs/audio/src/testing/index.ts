export * from './chunks.js';
export * from './tone.js';
