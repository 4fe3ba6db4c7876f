import type { Conversation } from '../conversation.js';
import { CONNECTIONS } from './connections.js';
import { ENDINGS } from './endings.js';
import { INTERRUPTIONS } from './interruptions.js';
import { LONG_TOOLS } from './long-tools.js';
import { REQUESTS } from './requests.js';
import { SEQUENCES } from './sequences.js';
import { SPEECH } from './speech.js';
import { TOOL_TROUBLE } from './tool-trouble.js';
import { TOOLS } from './tools.js';
import { TRANSFERS } from './transfers.js';
import { TURNS } from './turns.js';

export const CONVERSATIONS: readonly Conversation[] = [
  ...TURNS,
  ...SPEECH,
  ...INTERRUPTIONS,
  ...TOOLS,
  ...TOOL_TROUBLE,
  ...LONG_TOOLS,
  ...TRANSFERS,
  ...SEQUENCES,
  ...CONNECTIONS,
  ...ENDINGS,
  ...REQUESTS,
];
