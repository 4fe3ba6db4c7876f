export * from './audio-frame.js';
export * from './client-message.js';
export * from './error-table.js';
export * from './protocol.js';
export * from './server-message.js';
export * from './relay-control.js';
export * from './relay-open.js';
