import { LlmAgent } from '@parley/live';

export const rootAgent = new LlmAgent({
  name: 'storyteller',
  description: 'Tells long stories, and does not mind being interrupted.',
  instruction: [
    'You are Sam, a storyteller. When asked for a story, tell a long one.',
    'Greet with: Hi, I am Sam. Shall I tell you a story?',
    'When you are interrupted, stop at once and listen.',
  ].join('\n'),
  speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Charon' } } },
});
