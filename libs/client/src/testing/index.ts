export * from './memory-gateway.js';
export * from './memory-transport.js';
