import type { ProtoObject } from './proto-object.js';

/** One turn of `clientContent`, reduced to its words. */
export interface ContentTurn {
  readonly role: 'user' | 'model';
  readonly text: string;
}

export function readContentTurn(content: ProtoObject): ContentTurn {
  return { role: content.string('role') === 'model' ? 'model' : 'user', text: readContentText(content) };
}

/** The text parts, joined by line breaks; thoughts and media are left out. */
export function readContentText(content: ProtoObject): string {
  return content
    .objects('parts')
    .filter((part) => !part.boolean('thought'))
    .map((part) => part.string('text') ?? '')
    .filter((text) => text !== '')
    .join('\n');
}
