/** Scripts that write no spaces between words. */
const UNSPACED =
  /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Thai}|\p{Script=Lao}|\p{Script=Khmer}|\p{Script=Myanmar}/u;

/**
 * The last place in `text` at or before `at` where a word ends: the end of the text, a place at white space, or, in
 * scripts without spaces, a border between words.
 */
export function wordBorderBefore(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const from = Math.max(0, Math.floor(at));
  for (let border = from; border > 0; border--) {
    const [left, right] = [text[border - 1] ?? '', text[border] ?? ''];
    if (/\s/.test(left) || /\s/.test(right)) return border;
    if (UNSPACED.test(left) || UNSPACED.test(right)) return unspacedBorder(text, border);
  }
  return 0;
}

/** The last border at or before `at` in the stretch without spaces around it. */
function unspacedBorder(text: string, at: number): number {
  const start = text.slice(0, at).search(/\S+$/);
  const length = text.slice(start).search(/\s|$/);
  let border = start;
  for (const { index } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(
    text.slice(start, start + length),
  )) {
    if (start + index <= at) border = start + index;
  }
  return border;
}
