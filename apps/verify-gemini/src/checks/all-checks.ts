import type { Check } from '../check.js';
import { connectionChecks } from './connection-checks.js';
import { conversationChecks } from './conversation-checks.js';
import { interruptionChecks } from './interruption-checks.js';
import { mediaChecks } from './media-checks.js';
import { productChecks } from './product-checks.js';
import { refusalChecks } from './refusal-checks.js';
import { resumptionChecks } from './resumption-checks.js';
import { tokenChecks } from './token-checks.js';
import { toolChecks } from './tool-checks.js';

/** All questions, in the order in which they are asked. */
export const CHECKS: readonly Check[] = [
  ...conversationChecks,
  ...toolChecks,
  ...interruptionChecks,
  ...resumptionChecks,
  ...productChecks,
  ...connectionChecks,
  ...mediaChecks,
  ...tokenChecks,
  ...refusalChecks,
];
