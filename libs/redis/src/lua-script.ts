import { createHash } from 'node:crypto';

/** A script as Redis knows it. Replies are arrays of strings, so that no number passes through Redis's integers. */
export interface LuaScript {
  readonly name: string;
  readonly source: string;
  readonly sha1: string;
}

export function luaScript(name: string, ...parts: readonly string[]): LuaScript {
  const source = parts.join('\n');
  return { name, source, sha1: createHash('sha1').update(source).digest('hex') };
}
