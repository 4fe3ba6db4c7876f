import type { ModelCapabilities } from './capabilities.js';
import { toSdkContent } from './client-content.js';
import type { ModelInput } from './model-input.js';

export interface InputRules {
  readonly capabilities: ModelCapabilities;
  /** True when the client, and not the server, says when the user speaks. */
  readonly manualActivity: boolean;
}

/**
 * Why `input` can not be said on this connection; undefined when it can. A signal that would make the server close
 * the connection (activity signals while it detects speech itself, and the reverse) is one that can not.
 */
export function unsayable(
  input: ModelInput,
  { capabilities, manualActivity }: InputRules,
): string | undefined {
  switch (input.kind) {
    case 'realtime':
      if (input.blob.data.length > 0 && isMedia(input.blob.mimeType, capabilities)) return undefined;
      return 'realtime media of this type';
    case 'content':
      return capabilities.contentInput && toSdkContent(input.content)
        ? undefined
        : 'content without text, image or file';
    case 'activityStart':
    case 'activityEnd':
      return manualActivity ? undefined : input.kind;
    case 'audioStreamEnd':
      return manualActivity ? input.kind : undefined;
    case 'toolResponse':
      return input.responses.length > 0 ? undefined : 'no function response';
    case 'interrupt':
      return capabilities.clientContentMidSession ? undefined : input.kind;
  }
}

function isMedia(mimeType: string, { contentInput }: ModelCapabilities): boolean {
  return mimeType.startsWith('audio/') || (contentInput && mimeType.startsWith('image/'));
}
