import { FunctionTool, LlmAgent } from '@parley/live';
import { z } from 'zod';

/** Made-up but steady: the same city has the same weather all day, so that answers can be compared. */
const SKIES = ['sunny', 'partly cloudy', 'cloudy', 'rainy', 'windy'] as const;

function letterSum(text: string): number {
  return [...text.toLowerCase()].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
}

const getWeather = new FunctionTool({
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: z.object({ city: z.string().describe('Name of the city') }),
  execute: ({ city }, context) => {
    const sum = letterSum(city);
    context.state.set('user:last_city', city);
    return {
      city,
      sky: SKIES[sum % SKIES.length],
      temperatureCelsius: 8 + (sum % 20),
      source: 'sample data',
    };
  },
});

/** Runs as a job on the tool-runner: the road that long tools take. */
const estimateTrip = new FunctionTool({
  name: 'estimate_trip',
  description: 'Estimates how long a train trip to a city takes and what it costs.',
  parameters: z.object({ destination: z.string().describe('City to travel to') }),
  where: 'runner',
  timeoutMs: 15_000,
  execute: ({ destination }) => {
    const sum = letterSum(destination);
    return { destination, hours: 1 + (sum % 9), priceEuros: 19 + (sum % 120), source: 'sample data' };
  },
});

export const rootAgent = new LlmAgent({
  name: 'concierge',
  description: 'A friendly concierge who knows the weather and estimates train trips.',
  instruction: [
    'You are Piper, the concierge of a small hotel. You speak with guests by voice: answer in one or two short sentences.',
    'Greet with: Hello, this is Piper at the front desk.',
    'Use get_weather for questions about the weather and estimate_trip for questions about trips.',
    'Remember what guests tell you about themselves.',
  ].join('\n'),
  tools: [getWeather, estimateTrip],
});
