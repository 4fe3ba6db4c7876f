const FIRST_MAX_CHARS = 48;
const MAX_CHARS = 180;

/**
 * Cuts a reply into what is synthesised at one go. The first piece is kept short, since nothing is heard before
 * it is ready; long sentences are cut at a comma, else between words. Joined by spaces the pieces give the text.
 */
export function splitForSpeech(text: string): string[] {
  const sentences = text
    .replace(/\s+/g, ' ')
    .trim()
    .split(/(?<=[.!?…]["'”’)]?) (?=\S)/)
    .filter((sentence) => sentence !== '');
  return sentences.flatMap((sentence, index) => cut(sentence, index === 0 ? FIRST_MAX_CHARS : MAX_CHARS));
}

function cut(sentence: string, maxChars: number): string[] {
  if (sentence.length <= maxChars) return [sentence];
  const comma = Math.max(
    sentence.lastIndexOf(', ', maxChars),
    sentence.lastIndexOf('; ', maxChars),
    sentence.lastIndexOf(': ', maxChars),
  );
  const space = sentence.lastIndexOf(' ', maxChars);
  const end = comma > 8 ? comma + 1 : space;
  if (end <= 0) return [sentence];
  return [sentence.slice(0, end), ...cut(sentence.slice(end + 1), MAX_CHARS)];
}
