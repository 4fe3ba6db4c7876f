const STORED_AS = 'parley.key';

/**
 * The caller's API key, kept for this tab only. An address such as `/#key=…` brings one; it is moved out of the
 * address bar at once, so that it is neither bookmarked nor seen over a shoulder. Fragments never reach a server.
 */
export function takeApiKey(): string | undefined {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const brought = fragment.get('key');
  if (brought !== null) {
    fragment.delete('key');
    const rest = fragment.toString();
    history.replaceState(null, '', `${location.pathname}${location.search}${rest ? `#${rest}` : ''}`);
    if (brought !== '') keepApiKey(brought);
  }
  return sessionStorage.getItem(STORED_AS) ?? undefined;
}

export function keepApiKey(key: string): void {
  sessionStorage.setItem(STORED_AS, key);
}

export function forgetApiKey(): void {
  sessionStorage.removeItem(STORED_AS);
}
