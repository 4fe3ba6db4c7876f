import type { AgentSpec, ToolConduct, ToolSpec } from './conversation.js';

/** The models that ADK treats in three ways. */
export const MODEL_25 = 'gemini-2.5-flash-native-audio-preview-12-2025';
export const MODEL_31 = 'gemini-3.1-flash-live-preview';
export const MODEL_38 = 'gemini-3.8-live';

/** An agent without tools, on the model that both runtimes know best. */
export const GREETER: AgentSpec = {
  name: 'greeter',
  description: 'Greets people.',
  instruction: 'Greet people.',
  model: MODEL_25,
};

export function withTools(...tools: readonly ToolSpec[]): AgentSpec {
  return { ...GREETER, tools };
}

export function on(model: string, agent: AgentSpec = GREETER): AgentSpec {
  return { ...agent, model };
}

export const WEATHER: ToolSpec = {
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: ['city'],
  does: { returns: { sky: 'blue' } },
};

/** A tool without arguments. */
export function tool(name: string, does: ToolConduct): ToolSpec {
  return { name, description: `Does ${name}.`, does };
}
