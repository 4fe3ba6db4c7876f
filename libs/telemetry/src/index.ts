export * from './metric-catalog.js';
export * from './metrics.js';
export * from './pino-log.js';
