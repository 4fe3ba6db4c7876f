/** What may hide in a URL, a close reason or an error message of the provider, and what is shown instead. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b((?:api_?)?key|access_token|token)=[^&\s"'<>]+/gi, '$1=***'],
  [/\bauth_tokens\/[\w.~-]+/g, 'auth_tokens/***'],
  [/\b(Bearer|Token)\s+[\w.~+/-]{8,}=*/g, '$1 ***'],
  [/\bAIza[\w-]{20,}/g, '***'],
  [/\bya29\.[\w.-]+/g, '***'],
];

/** Room for the reason in a WebSocket close frame (RFC 6455 §5.5), and so the most that is kept of one. */
const MAX_REASON_BYTES = 123;

/** `text` without keys and tokens; on one line. */
export function redact(text: string): string {
  let shown = text.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  for (const [secret, mask] of SECRETS) shown = shown.replace(secret, mask);
  return shown;
}

/** `redact`ed, and cut to 123 bytes of UTF-8 at a character's edge. */
export function redactReason(text: string): string {
  const bytes = Buffer.from(redact(text));
  if (bytes.length <= MAX_REASON_BYTES) return bytes.toString();
  return bytes
    .subarray(0, MAX_REASON_BYTES)
    .toString()
    .replace(/\uFFFD$/, '');
}

/** Of something thrown, what is safe to log. */
export function errorName(thrown: unknown): string {
  return thrown instanceof Error ? thrown.name : 'unknown';
}
