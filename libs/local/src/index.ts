export * from './free-port.js';
export * from './service-process.js';
export * from './stack.js';
