import { ParleyError } from '@parley/kernel';
import { parseApiKey } from './api-key.js';
import { ApiKeys, type ApiKeysOptions } from './api-keys.js';
import type { TenantStore } from './tenant-store.js';

export interface DevelopmentTenantOptions extends Omit<ApiKeysOptions, 'store'> {
  /** A test key in plain text that was made before: it is registered again, not replaced. */
  readonly presetKey?: string;
}

export interface DevelopmentTenant {
  readonly tenantId: string;
  /** In plain text. Keep it and pass it as `presetKey` next time: without one every call makes another key. */
  readonly key: string;
}

const DEVELOPMENT = { id: 'dev', name: 'Development' };

/**
 * The tenant of a machine that nobody has set up yet. Safe to call by several processes at once.
 * Throws `ParleyError` `invalid_config` when `presetKey` is not a test key.
 */
export async function ensureDevelopmentTenant(
  store: TenantStore,
  { presetKey, ...options }: DevelopmentTenantOptions = {},
): Promise<DevelopmentTenant> {
  if (presetKey !== undefined && parseApiKey(presetKey)?.mode !== 'test') {
    throw new ParleyError('invalid_config', 'The development key must be a parley_test_ key.', {
      kind: 'invalid_argument',
    });
  }
  const keys = new ApiKeys({ store, ...options });
  await store.createTenant(DEVELOPMENT);
  if (presetKey === undefined) {
    const { key } = await keys.mint(DEVELOPMENT.id, 'test', 'development');
    return { tenantId: DEVELOPMENT.id, key };
  }
  await keys.register(presetKey, DEVELOPMENT.id, 'development');
  return { tenantId: DEVELOPMENT.id, key: presetKey };
}
