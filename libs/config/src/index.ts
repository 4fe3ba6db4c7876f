export * from './process-settings.js';
export * from './setting.js';
export * from './settings.js';
