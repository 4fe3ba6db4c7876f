export type { ApiKeyMode } from './api-key.js';
export * from './api-keys.js';
export * from './client-tokens.js';
export * from './development-tenant.js';
export * from './in-memory-tenant-store.js';
export * from './jose-client-tokens.js';
export { generateSigningKey } from './signing-key.js';
export * from './tenant-store.js';
