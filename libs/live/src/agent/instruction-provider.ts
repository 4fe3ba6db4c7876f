import type { CallbackContext } from './callback-context.js';

/** An instruction that is made for each run of the agent; its placeholders are not replaced. */
export type InstructionProvider = (context: CallbackContext) => string | Promise<string>;
