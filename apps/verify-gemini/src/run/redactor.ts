import { redact } from '@parley/gemini';

const MASK = '***';
/** So much of a secret is too much; close reasons may show one cut short. */
const TELLING_CHARS = 8;

/**
 * Takes out of a text what must not be published: every secret that it was told of (also when cut short), whatever
 * looks like a key or a token, and the queries of addresses.
 */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Keys, tokens, handles. Shorter than 8 characters nothing is a secret. */
  learn(secret: string): void {
    if (secret.length >= TELLING_CHARS) this.#secrets.add(secret);
  }

  clean(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = withoutSecret(shown, secret);
    return redact(shown.replace(/\b((?:https?|wss?):\/\/[^\s?"'<>]+)\?[^\s"'<>]*/g, `$1?${MASK}`));
  }
}

function withoutSecret(text: string, secret: string): string {
  const beginning = secret.slice(0, TELLING_CHARS);
  let shown = text;
  for (let at = shown.indexOf(beginning); at >= 0; at = shown.indexOf(beginning, at + MASK.length)) {
    let length = TELLING_CHARS;
    while (length < secret.length && shown[at + length] === secret[length]) length += 1;
    shown = shown.slice(0, at) + MASK + shown.slice(at + length);
  }
  return shown;
}
