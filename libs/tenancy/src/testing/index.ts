export * from './tenant-store-contract.js';
