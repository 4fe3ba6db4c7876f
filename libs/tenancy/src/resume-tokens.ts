import type { ClientGrant } from './client-tokens.js';

/** What a resume token says: whose call it is, and where it ran when the token was made. */
export interface ResumeGrant {
  readonly grant: ClientGrant;
  readonly liveId: string;
  /** Number of the attach that it was made for; the owner of the run decides whether it still counts. */
  readonly attach: number;
  /** The placement of then: enough to find the run while Redis is away. */
  readonly workerId: string;
  readonly incarnation: string;
  readonly address: string;
  readonly epoch: number;
}

/**
 * Tokens with which a client takes its call up again at any gateway. Encrypted, so that a client can not read where its
 * call runs, and authenticated; every gateway with the same secret opens what another one sealed.
 */
export interface ResumeTokens {
  seal(resume: ResumeGrant, lifetimeMs: number): Promise<string>;
  /** Throws `ParleyError` `token_expired` or `unauthenticated`. */
  open(token: string): Promise<ResumeGrant>;
}
