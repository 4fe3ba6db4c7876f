/** Names of what this app provides to its controllers and gateways. */
export const AGENTS = Symbol('AgentCatalog');
export const API_KEYS = Symbol('ApiKeys');
export const CALLS = Symbol('LiveCalls');
export const CLIENT_TOKENS = Symbol('ClientTokens');
export const LIVE_STREAMS = Symbol('LiveStreams');
export const SESSIONS = Symbol('SessionService');
export const SETTINGS = Symbol('GatewaySettings');
export const CLOCK = Symbol('Clock');
