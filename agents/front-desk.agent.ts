import { FunctionTool, LlmAgent, type SpeechConfig } from '@parley/live';
import { z } from 'zod';

const voice = (voiceName: string): SpeechConfig => ({ voiceConfig: { prebuiltVoiceConfig: { voiceName } } });

const reserveTable = new FunctionTool({
  name: 'reserve_table',
  description: 'Reserves a table in the restaurant for a number of guests.',
  parameters: z.object({ guests: z.int().min(1).describe('How many will come') }),
  execute: ({ guests }, { state }) => {
    state.set('table_for', guests);
    return `A table for ${guests} is reserved tonight at seven.`;
  },
});

const restaurant = new LlmAgent({
  name: 'restaurant',
  description: 'Reserves tables, and knows the menu, breakfast and dinner.',
  instruction: [
    'You are Luca from the restaurant. Answer in one or two short sentences.',
    'Breakfast is served from seven until ten. Dinner is served from six until eleven.',
    'Use reserve_table when a guest wants a table.',
  ].join('\n'),
  tools: [reserveTable],
  speechConfig: voice('Puck'),
});

const spa = new LlmAgent({
  name: 'spa',
  description: 'Knows about the sauna, the pool and massages.',
  instruction: [
    'You are Mia from the spa. Answer in one or two short sentences.',
    'The sauna opens at nine. The pool is open all night. A massage costs sixty euros.',
  ].join('\n'),
  speechConfig: voice('Kore'),
});

/** Hands over to its sub-agents by `transfer_to_agent`, which the runtime adds; each speaks with a voice of its own. */
export const rootAgent = new LlmAgent({
  name: 'front_desk',
  description: 'The front desk of a hotel, which hands over to the restaurant and the spa.',
  instruction: [
    'You are Ada at the front desk of a small hotel. Answer in one or two short sentences.',
    'Greet with: Good day, this is Ada at the front desk.',
    'Check-in is from three. Check-out is until eleven.',
  ].join('\n'),
  subAgents: [restaurant, spa],
  speechConfig: voice('Zephyr'),
});
