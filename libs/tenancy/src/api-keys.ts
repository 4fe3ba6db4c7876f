import { ParleyError, systemClock, type Clock } from '@parley/kernel';
import { randomBytes as nodeRandomBytes } from 'node:crypto';
import { hashApiKey, matchesHash, mintApiKey, parseApiKey } from './api-key.js';
import type { ApiKey, ApiKeyMode, RandomBytes } from './api-key.js';
import type { ApiKeyRecord, TenantStore } from './tenant-store.js';

/** Who is asking, once the key has been checked. */
export interface Principal {
  readonly tenantId: string;
  readonly keyId: string;
  readonly mode: ApiKeyMode;
}

export interface MintedKey {
  /** The only time the secret is seen: the store has its hash. */
  readonly key: string;
  readonly keyId: string;
}

export interface ApiKeysOptions {
  readonly store: TenantStore;
  readonly clock?: Clock;
  readonly randomBytes?: RandomBytes;
}

/** A key that was revoked in another process is refused after this long at the latest. */
const CACHE_MS = 30_000;

const CACHED_KEYS = 10_000;

/**
 * A tenant's secret keys: made, checked, revoked.
 *
 * 1. A key is believed only when its hash is the stored one and it is not revoked.
 * 2. Only keys that were believed are cached, by id, for 30 s: wrong keys can't push right ones out.
 * 3. While the store is away keys outside the cache are refused with the store's error, never let in.
 */
export class ApiKeys {
  readonly #store: TenantStore;
  readonly #clock: Clock;
  readonly #randomBytes: RandomBytes;
  readonly #cache = new Map<string, { readonly record: ApiKeyRecord; readonly untilMs: number }>();

  constructor({ store, clock = systemClock, randomBytes = nodeRandomBytes }: ApiKeysOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#randomBytes = randomBytes;
  }

  /** Throws `ParleyError` `not_found` for an unknown tenant. */
  async mint(tenantId: string, mode: ApiKeyMode, label: string): Promise<MintedKey> {
    const key = mintApiKey(mode, this.#randomBytes);
    await this.#save(key, tenantId, label);
    return { key: key.text, keyId: key.id };
  }

  /**
   * Makes a key known that exists in plain text already. A no-op for a key that is known, also when it has been
   * revoked. Throws `ParleyError` `invalid_config` for text that is not a key.
   */
  async register(text: string, tenantId: string, label: string): Promise<void> {
    const key = parseApiKey(text);
    if (!key) {
      throw new ParleyError('invalid_config', 'This is not an API key of Parley.', {
        kind: 'invalid_argument',
      });
    }
    const known = await this.#store.apiKey(key.id);
    if (known?.tenantId === tenantId && matchesHash(key, known.secretHash)) return;
    await this.#save(key, tenantId, label);
  }

  /** Throws `ParleyError` `unauthenticated`, the same for every reason but a malformed key. */
  async authenticate(presented: string): Promise<Principal> {
    const key = parseApiKey(presented);
    if (!key) throw unauthenticated('The API key is malformed: was it copied whole?');
    const cached = this.#cached(key.id);
    const record = cached ?? (await this.#store.apiKey(key.id));
    if (!record || record.revokedAtMs !== undefined || !matchesHash(key, record.secretHash)) {
      throw unauthenticated('The API key is not valid.');
    }
    if (!cached) this.#remember(record);
    return { tenantId: record.tenantId, keyId: key.id, mode: key.mode };
  }

  /** Throws `ParleyError` `not_found` when the tenant has no such key. */
  async revoke(tenantId: string, keyId: string): Promise<void> {
    const record = await this.#store.apiKey(keyId);
    if (record?.tenantId !== tenantId) {
      throw new ParleyError('not_found', 'No such API key.', { kind: 'not_found' });
    }
    await this.#store.saveApiKey({ ...record, revokedAtMs: record.revokedAtMs ?? this.#clock.nowMs() });
    this.#cache.delete(keyId);
  }

  async #save(key: ApiKey, tenantId: string, label: string): Promise<void> {
    await this.#store.saveApiKey({
      id: key.id,
      tenantId,
      label,
      secretHash: hashApiKey(key),
      createdAtMs: this.#clock.nowMs(),
    });
  }

  #cached(keyId: string): ApiKeyRecord | undefined {
    const entry = this.#cache.get(keyId);
    if (!entry) return undefined;
    if (entry.untilMs > this.#clock.monotonicMs()) return entry.record;
    this.#cache.delete(keyId);
    return undefined;
  }

  #remember(record: ApiKeyRecord): void {
    if (this.#cache.size >= CACHED_KEYS) {
      const oldest = this.#cache.keys().next();
      if (!oldest.done) this.#cache.delete(oldest.value);
    }
    this.#cache.set(record.id, { record, untilMs: this.#clock.monotonicMs() + CACHE_MS });
  }
}

function unauthenticated(message: string): ParleyError {
  return new ParleyError('unauthenticated', message, { kind: 'unauthenticated' });
}
