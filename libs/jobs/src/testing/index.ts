export * from './tool-jobs-contract.js';
