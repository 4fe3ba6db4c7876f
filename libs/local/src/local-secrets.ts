import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase, SqlTenantStore } from '@parley/sql';
import { ensureDevelopmentTenant, generateSigningKey } from '@parley/tenancy';

/** What a local start keeps between starts, in `<dataDir>/secrets.json`, readable by its owner only. */
export interface LocalSecrets {
  readonly linkSecret: string;
  /** Private Ed25519 key as a JWK. */
  readonly tokenKey: string;
  /** API key of the development tenant. */
  readonly apiKey: string;
}

/** Brings the database's schema up to date, and makes the keys and the development tenant where they are missing. */
export async function prepareLocalTenant(dataDir: string, databaseUrl: string): Promise<LocalSecrets> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'secrets.json');
  const kept = await read(file);
  const database = await openDatabase({ url: databaseUrl });
  try {
    const presetKey = kept.apiKey;
    const { key } = await ensureDevelopmentTenant(
      new SqlTenantStore(database),
      presetKey === undefined ? {} : { presetKey },
    );
    const secrets: LocalSecrets = {
      linkSecret: kept.linkSecret ?? randomBytes(32).toString('hex'),
      tokenKey: kept.tokenKey ?? (await generateSigningKey()),
      apiKey: key,
    };
    await writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
    await chmod(file, 0o600);
    return secrets;
  } finally {
    await database.close();
  }
}

async function read(file: string): Promise<Partial<LocalSecrets>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<LocalSecrets>;
  } catch {
    return {};
  }
}
