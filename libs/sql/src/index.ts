export type { Database } from './database.js';
export * from './open-database.js';
export * from './sessions/sql-session-service.js';
export * from './tenants/sql-tenant-store.js';
