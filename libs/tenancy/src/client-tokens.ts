/** What a client token says: who may open which session of which agent, and with what configuration. */
export interface ClientGrant {
  readonly tenantId: string;
  readonly appName: string;
  readonly userId: string;
  readonly sessionId: string;
  /** RunConfig fields fixed by whoever created the token (camelCase, as in the REST body). */
  readonly runConfig: Readonly<Record<string, unknown>>;
}

/** Short-lived signed tokens (EdDSA JWT, audience `live`) that a server app hands to its client app. */
export interface ClientTokens {
  issue(grant: ClientGrant, lifetimeMs: number): Promise<string>;
  /** Throws `ParleyError` `token_expired` or `unauthenticated`. */
  verify(token: string): Promise<ClientGrant>;
}
