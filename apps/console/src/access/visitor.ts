const STORED_AS = 'parley.user';

/** Who calls from this browser: a made-up id that stays, so that an agent can remember its user. */
export function visitorId(): string {
  const known = localStorage.getItem(STORED_AS);
  if (known) return known;
  const made = `web-${Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  localStorage.setItem(STORED_AS, made);
  return made;
}
