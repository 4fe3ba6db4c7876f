export * from './health.controller.js';
export * from './http-port.js';
export * from './nest-log.js';
export * from './parley-error.filter.js';
export * from './process-life.js';
export * from './readiness.js';
export * from './tokens.js';
