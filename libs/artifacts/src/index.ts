export * from './file-artifact-service.js';
