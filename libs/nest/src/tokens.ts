/** Names under which the apps' modules provide what the glue in this room needs. */
export const METRICS = Symbol('Metrics');
export const READINESS = Symbol('Readiness');
