import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { declarationFor } from '../flow/tool-declaration.js';
import { ASYNC_MODEL, SYNC_MODEL } from '../testing/tool-scene.js';
import { codeExecution, googleSearch } from './built-in-tool.js';
import { FunctionTool } from './function-tool.js';
import { LongRunningFunctionTool } from './long-running-function-tool.js';
import { toolSetOf } from './tool-set.js';

const plain = new FunctionTool({
  name: 'plain',
  description: 'Does it.',
  parameters: z.object({ city: z.string() }),
  execute: () => 1,
});
const streaming = new FunctionTool({
  name: 'feed',
  description: '',
  execute: async function* () {
    yield 1;
  },
});

describe('A FunctionTool', () => {
  it('is declared with the schema of its arguments', () => {
    expect(plain.declaration).toEqual({
      name: 'plain',
      description: 'Does it.',
      parametersJsonSchema: {
        type: 'object',
        properties: { city: { type: 'string' } },
        required: ['city'],
      },
    });
    expect(plain).toMatchObject({ kind: 'function', where: 'worker', timeoutMs: 30_000, inputStream: false });
  });

  it('F9 streams when its function is an async generator, and then has no time limit of its own', () => {
    expect(streaming).toMatchObject({ kind: 'streaming', timeoutMs: Infinity });
  });

  it('F11 is NON_BLOCKING when it streams, is scheduled, runs long or waits for a person, where the model can', () => {
    const base = { name: 'f', description: '', execute: () => 1 };
    const nonBlocking = [
      streaming,
      new FunctionTool({ ...base, responseScheduling: 'WHEN_IDLE' }),
      new FunctionTool({ ...base, requireConfirmation: true }),
      new LongRunningFunctionTool(base),
    ];
    for (const tool of nonBlocking) {
      expect(declarationFor(tool, ASYNC_MODEL)?.behavior).toBe('NON_BLOCKING');
      expect(tool.declaration.behavior).toBe('NON_BLOCKING');
      expect(declarationFor(tool, SYNC_MODEL)).not.toHaveProperty('behavior');
    }
    expect(declarationFor(plain, ASYNC_MODEL)).not.toHaveProperty('behavior');
    expect(declarationFor(googleSearch, ASYNC_MODEL)).toBeUndefined();
  });

  it.each([
    'transfer_to_agent',
    'task_completed',
    'adk_request_confirmation',
    'set_model_response',
    'no name',
  ])('can not be called %s', (name) => {
    expect(() => new FunctionTool({ name, description: '', execute: () => 1 })).toThrow(name);
  });

  it.each([0, -1, Number.NaN, Infinity, 2 ** 31])('can not take %d ms', (timeoutMs) => {
    expect(() => new FunctionTool({ name: 'f', description: '', timeoutMs, execute: () => 1 })).toThrow(
      'timeoutMs',
    );
  });

  it('is long-running or streaming, not both', () => {
    const execute = async function* () {
      yield 1;
    };
    expect(() => new LongRunningFunctionTool({ name: 'f', description: '', execute })).toThrow('either');
  });
});

describe('The tools that a model is told of', () => {
  it('are the agent’s own and those that the runtime adds', () => {
    const own = new FunctionTool({ name: 'stop_streaming', description: 'mine', execute: () => 1 });
    const told = toolSetOf([own, plain, streaming, googleSearch, codeExecution], {
      transferTargets: [{ name: 'a' }, { name: 'b' }],
      inSequence: true,
    });
    expect(told.map(({ name }) => name)).toEqual([
      'plain',
      'feed',
      'google_search',
      'code_execution',
      'stop_streaming',
      'transfer_to_agent',
      'task_completed',
    ]);
    expect(told.find(({ name }) => name === 'stop_streaming')?.description).not.toBe('mine');
    expect(told.flatMap((tool) => tool.builtIn ?? [])).toEqual([{ googleSearch: {} }, { codeExecution: {} }]);
    expect(told.find(({ name }) => name === 'transfer_to_agent')?.declaration).toMatchObject({
      parametersJsonSchema: { properties: { agentName: { enum: ['a', 'b'] } } },
    });
    expect(toolSetOf([plain])).toEqual([plain]);
  });
});
