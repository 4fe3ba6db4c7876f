export * from './content.js';
export * from './event.js';
export * from './event-codec.js';
