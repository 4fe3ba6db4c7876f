/**
 * Any string as a text column can hold it: as in JSON, without the quotes. Postgres takes no NUL, and half of a
 * surrogate pair has no UTF-8 in either dialect; two strings never get the same text.
 */
export function columnText(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export function fromColumnText(column: string): string {
  return JSON.parse(`"${column}"`) as string;
}
