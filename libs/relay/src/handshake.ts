import { LINK_FRAME, LINK_VERSION, type LinkFrameType } from './link-frame.js';
import type { ChannelPeer } from './frame-channel.js';
import {
  decodeChallenge,
  decodeHello,
  decodeRefusal,
  decodeWelcome,
  encodeChallenge,
  encodeHello,
  encodeRefusal,
  encodeWelcome,
  type Refusal,
} from './link-message.js';
import { helloToken, sameToken, welcomeProof } from './link-token.js';

export interface HandshakeFrame {
  readonly type: LinkFrameType;
  readonly payload: Uint8Array;
}

/** What one received frame leads to: something to send, and perhaps the end of the handshake. */
export interface HandshakeStep {
  readonly reply?: HandshakeFrame;
  readonly peer?: ChannelPeer;
  readonly failure?: Refusal;
}

/**
 * One side of challenge, hello, welcome, without input or output of its own. The worker speaks first. Anything
 * unexpected fails the handshake; after a peer or a failure the object is done with.
 */
export interface Handshake {
  readonly opening: HandshakeFrame | undefined;
  receive(type: LinkFrameType, payload: Uint8Array): HandshakeStep;
}

const NOT_A_HANDSHAKE: Refusal = { code: 'malformed_frame', message: 'That is not how a link begins.' };
const ANOTHER_WORKER: Refusal = { code: 'worker_lost', message: 'Another worker lives at this address.' };

export class WorkerHandshake implements Handshake {
  readonly opening: HandshakeFrame;
  readonly #nonce: string;
  readonly #worker: WorkerIdentity;

  constructor(worker: WorkerIdentity, nonce: string) {
    this.#worker = worker;
    this.#nonce = nonce;
    this.opening = { type: LINK_FRAME.challenge, payload: encodeChallenge(nonce) };
  }

  receive(type: LinkFrameType, payload: Uint8Array): HandshakeStep {
    const hello = type === LINK_FRAME.hello ? decodeHello(payload) : undefined;
    if (hello === undefined) return { failure: NOT_A_HANDSHAKE };
    const { workerId, incarnation, capabilities, secrets } = this.#worker;
    if (hello.version !== LINK_VERSION) {
      return reject({ code: 'unsupported_version', message: `This worker speaks link ${LINK_VERSION}.` });
    }
    const secret = secrets.find((each) => sameToken(helloToken(each, this.#nonce, hello), hello.token));
    if (secret === undefined) {
      return reject({ code: 'unauthenticated', message: 'The token does not open this link.' });
    }
    if (hello.workerId !== workerId) return reject(ANOTHER_WORKER);
    const welcome = { version: LINK_VERSION, workerId, incarnation, capabilities };
    const proof = welcomeProof(secret, { gateway: hello.nonce, worker: this.#nonce }, welcome);
    return {
      reply: { type: LINK_FRAME.welcome, payload: encodeWelcome({ ...welcome, proof }) },
      peer: { id: hello.gatewayId, capabilities: hello.capabilities },
    };
  }
}

export interface WorkerIdentity {
  readonly workerId: string;
  readonly incarnation: string;
  readonly capabilities: readonly string[];
  /** Any of them opens a link: a new secret is added here first, and only then given to the gateways. */
  readonly secrets: readonly string[];
}

export class GatewayHandshake implements Handshake {
  readonly opening = undefined;
  readonly #gateway: GatewayIdentity;
  readonly #workerId: string;
  readonly #nonce: string;
  #workerNonce: string | undefined;

  constructor(gateway: GatewayIdentity, workerId: string, nonce: string) {
    this.#gateway = gateway;
    this.#workerId = workerId;
    this.#nonce = nonce;
  }

  receive(type: LinkFrameType, payload: Uint8Array): HandshakeStep {
    if (type === LINK_FRAME.reject) return { failure: decodeRefusal(payload) ?? NOT_A_HANDSHAKE };
    if (this.#workerNonce === undefined) {
      this.#workerNonce = type === LINK_FRAME.challenge ? decodeChallenge(payload) : undefined;
      if (this.#workerNonce === undefined) return { failure: NOT_A_HANDSHAKE };
      return { reply: this.#hello(this.#workerNonce) };
    }
    const welcome = type === LINK_FRAME.welcome ? decodeWelcome(payload) : undefined;
    if (welcome === undefined) return { failure: NOT_A_HANDSHAKE };
    const nonces = { gateway: this.#nonce, worker: this.#workerNonce };
    if (!sameToken(welcomeProof(this.#gateway.secret, nonces, welcome), welcome.proof)) {
      return {
        failure: { code: 'unauthenticated', message: 'The worker could not show that it is one of ours.' },
      };
    }
    const { workerId, incarnation, capabilities } = welcome;
    if (workerId !== this.#workerId) return { failure: ANOTHER_WORKER };
    return { peer: { id: workerId, incarnation, capabilities } };
  }

  #hello(workerNonce: string): HandshakeFrame {
    const hello = {
      version: LINK_VERSION,
      gatewayId: this.#gateway.gatewayId,
      workerId: this.#workerId,
      nonce: this.#nonce,
      capabilities: this.#gateway.capabilities,
    };
    const token = helloToken(this.#gateway.secret, workerNonce, hello);
    return { type: LINK_FRAME.hello, payload: encodeHello({ ...hello, token }) };
  }
}

export interface GatewayIdentity {
  readonly gatewayId: string;
  readonly capabilities: readonly string[];
  readonly secret: string;
}

function reject(failure: Refusal): HandshakeStep {
  return { reply: { type: LINK_FRAME.reject, payload: encodeRefusal(failure) }, failure };
}
