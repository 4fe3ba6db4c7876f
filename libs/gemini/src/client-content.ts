import type { Content as SdkContent, Part as SdkPart } from '@google/genai';
import type { Content, Part } from '@parley/event';
import { encodeBase64 } from '@parley/kernel';

/**
 * A turn as `clientContent` takes it: text, images and files, with base64 for bytes. Thoughts, audio and function
 * parts are left out: the model takes audio as realtime input and function responses as `toolResponse` only.
 * Undefined when nothing is left.
 */
export function toSdkContent(content: Content): SdkContent | undefined {
  const parts = content.parts.flatMap(toSdkPart);
  if (parts.length === 0) return undefined;
  return { role: content.role === 'model' ? 'model' : 'user', parts };
}

/** All that `content` says in words, one part a line. */
export function textOf(content: Content): string {
  return content.parts.flatMap((part) => (part.text && !part.thought ? [part.text] : [])).join('\n');
}

function toSdkPart(part: Part): SdkPart[] {
  if (part.text && !part.thought) return [{ text: part.text }];
  if (part.inlineData && !part.inlineData.mimeType.startsWith('audio/')) {
    const { mimeType, data } = part.inlineData;
    return [{ inlineData: { mimeType, data: encodeBase64(data) } }];
  }
  if (part.fileData) return [{ fileData: { ...part.fileData } }];
  return [];
}
