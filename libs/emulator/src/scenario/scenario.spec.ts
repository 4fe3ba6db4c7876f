import { describe, expect, it } from 'vitest';
import { messageOf } from './step-message.js';
import { readScenario, readSteps } from './scenario.js';
import type { StepInput } from './step-input.js';
import { isMessageStep } from './step.js';

const CUE = {
  said: 'Hello there',
  turn: 2,
  result: { city: 'Paris', degrees: 21, nested: { deep: [1] } },
  match: {},
};

function wire(step: StepInput, api: 'gemini' | 'vertex' = 'gemini'): unknown {
  const [read] = readSteps([step]);
  if (!read || !isMessageStep(read) || read.verb === 'toolCall') throw new Error('no single message');
  return messageOf(read, CUE, api);
}

describe('a step that is one message', () => {
  it.each<[StepInput, object]>([
    [{ text: 'Hi' }, { serverContent: { modelTurn: { parts: [{ text: 'Hi' }] } } }],
    [{ think: 'Hm' }, { serverContent: { modelTurn: { parts: [{ text: 'Hm', thought: true }] } } }],
    [
      {
        content: {
          parts: [{ text: 'a' }, { executableCode: { code: '1+1', language: 'PYTHON' } }],
          generationComplete: true,
        },
      },
      {
        serverContent: {
          modelTurn: { parts: [{ text: 'a' }, { executableCode: { code: '1+1', language: 'PYTHON' } }] },
          generationComplete: true,
        },
      },
    ],
    [{ transcript: { input: 'Hel' } }, { serverContent: { inputTranscription: { text: 'Hel' } } }],
    [
      { transcript: { output: { finished: true } } },
      { serverContent: { outputTranscription: { finished: true } } },
    ],
    [{ generationComplete: true }, { serverContent: { generationComplete: true } }],
    [{ turnComplete: true }, { serverContent: { turnComplete: true } }],
    [
      {
        turnComplete: {
          reason: 'MALFORMED_FUNCTION_CALL',
          interactionStatus: 'IDLE',
          usage: { totalTokenCount: 3 },
        },
      },
      {
        serverContent: {
          turnComplete: true,
          turnCompleteReason: 'MALFORMED_FUNCTION_CALL',
          interactionStatus: 'IDLE',
        },
        usageMetadata: { totalTokenCount: 3 },
      },
    ],
    [{ interrupted: { turnComplete: true } }, { serverContent: { interrupted: true, turnComplete: true } }],
    [{ toolCallCancellation: ['1', '2'] }, { toolCallCancellation: { ids: ['1', '2'] } }],
    [{ usage: { promptTokenCount: 1 } }, { usageMetadata: { promptTokenCount: 1 } }],
    [
      { grounding: { webSearchQueries: ['x'] } },
      { serverContent: { groundingMetadata: { webSearchQueries: ['x'] } } },
    ],
    [{ voiceActivity: 'ACTIVITY_START' }, { voiceActivity: { type: 'ACTIVITY_START' } }],
    [{ goAway: 9_500 }, { goAway: { timeLeft: '9.5s' } }],
    [
      { resumption: { newHandle: 'h', resumable: true } },
      { sessionResumptionUpdate: { newHandle: 'h', resumable: true } },
    ],
    [{ waitingForInput: true }, { serverContent: { waitingForInput: true } }],
    [{ interactionStatus: 'IN_PROGRESS' }, { serverContent: { interactionStatus: 'IN_PROGRESS' } }],
    [{ send: { anything: { at: ['all'] } } }, { anything: { at: ['all'] } }],
  ])('%j is sent exactly so', (step, message) => {
    expect(wire(step)).toEqual(message);
  });

  it('carries inline audio of the asked length, and names the role on Vertex', () => {
    const message = wire({ content: { parts: [{ audioMs: 200 }, { text: 'x' }] } }, 'vertex');
    expect(message).toMatchObject({
      serverContent: {
        modelTurn: {
          role: 'model',
          parts: [{ inlineData: { mimeType: 'audio/pcm;rate=24000' } }, { text: 'x' }],
        },
      },
    });
    expect(JSON.stringify(message)).toHaveLength(
      12_800 + JSON.stringify(message).replace(/"data":"[^"]*"/, '"data":""').length,
    );
  });

  it('quotes what the user said and what the tool answered', () => {
    const text =
      '{{said}}, turn {{turn}}: {{result.degrees}} in {{ result.city }} {{result.nested}}{{result.none}}';
    expect(wire({ text })).toEqual({
      serverContent: { modelTurn: { parts: [{ text: 'Hello there, turn 2: 21 in Paris {"deep":[1]}' }] } },
    });
  });
});

describe('a scenario that is not valid', () => {
  const rule = (step: unknown) => ({
    rules: [
      { when: { turn: 1 }, do: [] },
      { name: 'weather', when: { textMatch: 'x' }, do: [{ say: 'ok' }, step] },
    ],
  });

  it.each<[string, unknown, string]>([
    [
      'an unknown step',
      rule({ sya: 'Hello' }),
      'rule 2 "weather", step 2: there is no step "sya"; there are content, text',
    ],
    [
      'a step with two keys',
      rule({ say: 'a', wait: 3 }),
      'rule 2 "weather", step 2: a step is an object with one key',
    ],
    [
      'a wrong value',
      rule({ wait: 'long' }),
      'rule 2 "weather", step 2, wait: Invalid input: expected number',
    ],
    [
      'a wrong value inside',
      rule({ toolCall: { args: {} } }),
      'rule 2 "weather", step 2, toolCall.0.name: Invalid input: expected string',
    ],
    [
      'a wrong nested step',
      rule({ repeat: { times: 2, do: [{ nap: 1 }] } }),
      'step 2, repeat.do.0: there is no step "nap"',
    ],
    [
      'an impossible close code',
      rule({ close: { code: 1006 } }),
      'close.code: not a close code that can be sent',
    ],
    [
      'two triggers',
      { rules: [{ when: { timer: 1, video: true }, do: [] }] },
      "rule 1, when: video and timer can't be one rule's trigger together",
    ],
    ['no condition', { rules: [{ when: {}, do: [] }] }, 'rule 1, when: says nothing'],
    [
      'a bad pattern',
      { rules: [{ when: { textMatch: '(' }, do: [] }] },
      'rule 1, when.textMatch: not a regular expression',
    ],
    [
      'an unknown setting',
      { behaviour: { thinkSeconds: 1 }, rules: [] },
      'behaviour.thinkSeconds: there is no such setting',
    ],
    ['a wrong setting', { behaviour: { thinkMs: 'x' }, rules: [] }, 'behaviour.thinkMs: expected a number'],
    [
      'an unknown fault',
      { behaviour: { faults: [{ fault: { kind: 'gremlins' } }] }, rules: [] },
      'behaviour.faults: This is no fault',
    ],
    [
      'an end of a turn that the emulator keeps',
      rule({ turnComplete: true }),
      'rule 2 "weather", step 2: turnComplete needs a scenario with "exact": true',
    ],
    [
      'cutting in where the emulator keeps turns',
      { rules: [{ when: { turn: 2 }, cutsIn: true, do: [] }] },
      'rule 1, cutsIn: needs a scenario with "exact": true',
    ],
    [
      'such an end in a message',
      rule({ content: { interrupted: true } }),
      'interrupted needs a scenario with "exact": true',
    ],
    ['no rules', { rules: 'none' }, 'rules: Invalid input: expected array'],
    ['no scenario', [], 'scenario: Invalid input: expected object'],
  ])('is refused for %s', (_, value, message) => {
    expect(() => readScenario('demo', value)).toThrow('Scenario "demo" is not valid.');
    expect(() => readScenario('demo', value)).toThrow(message);
  });

  it('is told all its mistakes at once', () => {
    const bad = { rules: [{ when: { turn: 0 }, do: [{ wait: -1 }, { nap: 1 }] }] };
    expect(() => readScenario('demo', bad)).toThrow(/rule 1, when\.turn.*\n.*step 1, wait.*\n.*step 2/);
  });
});
