import { ParleyError } from '@parley/kernel';
import type { LiveConnectConfig } from '@parley/live';
import { HarmBlockMethod, HarmBlockThreshold, HarmCategory, MediaResolution } from '@google/genai';
import type { ModelCapabilities, ThinkingSupport } from './capabilities.js';
import type { GeminiProvider } from './provider-selection.js';

/**
 * Refuses what the model or the backend would refuse, before a socket is opened: the server's own answer is a bare
 * 1007 "Request contains an invalid argument", and the SDK's is an exception with the socket already open.
 * Throws `ParleyError` `provider_config` that names the field.
 */
export function validateConnectConfig(
  config: LiveConnectConfig,
  provider: GeminiProvider['kind'],
  capabilities: ModelCapabilities,
): void {
  const refuse = (field: string, problem: string): never => {
    throw new ParleyError('provider_config', `${field} ${problem}`, {
      kind: 'invalid_argument',
      details: { field, model: config.model, modelFamily: capabilities.family },
    });
  };
  const onVertex = provider === 'vertex';
  const { model, proactivity } = config;

  if (!/^[\w.@:/-]+$/.test(model)) refuse('model', 'is not the name of a model.');
  if (config.responseModalities.length !== 1)
    refuse('responseModalities', 'has to name exactly one modality.');
  if (config.systemInstruction && !capabilities.systemInstruction) {
    refuse('systemInstruction', `is not supported by ${model}.`);
  }
  if (config.translationConfig && !capabilities.translation) {
    refuse('translationConfig', `is not supported by ${model}.`);
  }
  if (config.explicitVadSignal && !onVertex) {
    refuse('explicitVadSignal', 'is supported on Vertex only.');
  }
  if (config.historyConfig?.initialHistoryInClientContent && onVertex) {
    refuse('historyConfig', 'is not supported on Vertex.');
  }
  if (proactivity?.proactiveAudio === true && capabilities.proactivity === 'never') {
    refuse('proactivity.proactiveAudio', `is not supported by ${model}.`);
  }
  if (proactivity?.proactiveAudio === false && capabilities.proactivity === 'always') {
    refuse('proactivity.proactiveAudio', `can not be turned off on ${model}.`);
  }
  if (config.enableAffectiveDialog && !capabilities.affectiveDialog) {
    refuse('enableAffectiveDialog', `is not supported by ${model}.`);
  }
  if (config.mediaResolution !== undefined && !isOneOf(MediaResolution, config.mediaResolution)) {
    refuse('mediaResolution', `has to be one of ${Object.values(MediaResolution).join(', ')}.`);
  }
  validateNumbers(config, refuse);
  validateThinking(config, capabilities.thinking, refuse);
  validateTools(config, capabilities, refuse);
  validateSafetySettings(config.safetySettings ?? [], onVertex, refuse);
}

type Refuse = (field: string, problem: string) => never;

function validateNumbers(config: LiveConnectConfig, refuse: Refuse): void {
  const { temperature, topP, topK, maxOutputTokens, seed, contextWindowCompression: compression } = config;
  const check = (
    field: string,
    value: number | undefined,
    least: number,
    most: number,
    whole: boolean,
  ): void => {
    if (value === undefined) return;
    if (value >= least && value <= most && (!whole || Number.isInteger(value))) return;
    refuse(field, `has to be a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`);
  };
  const many = Number.MAX_SAFE_INTEGER;
  check('temperature', temperature, 0, 2, false);
  check('topP', topP, 0, 1, false);
  check('topK', topK, 1, many, false);
  check('maxOutputTokens', maxOutputTokens, 1, many, true);
  check('seed', seed, -(2 ** 31), 2 ** 31 - 1, true);
  check('contextWindowCompression.triggerTokens', compression?.triggerTokens, 1, many, true);
  check(
    'contextWindowCompression.slidingWindow.targetTokens',
    compression?.slidingWindow?.targetTokens,
    0,
    compression?.triggerTokens ?? many,
    true,
  );
}

function validateThinking(
  { model, thinkingConfig: thinking = {} }: LiveConnectConfig,
  support: ThinkingSupport,
  refuse: Refuse,
): void {
  const asked = Object.keys(thinking).filter((key) => thinking[key] !== undefined);
  if (asked.length === 0 || support.kind === 'any') return;
  if (support.kind === 'none') refuse('thinkingConfig', `is not supported by ${model}.`);
  const { thinkingBudget, thinkingLevel } = thinking;
  if (support.kind === 'budget') {
    if (thinkingLevel !== undefined)
      refuse('thinkingConfig.thinkingLevel', `is not supported by ${model}: use thinkingBudget.`);
    if (thinkingBudget !== undefined && !Number.isInteger(thinkingBudget)) {
      refuse('thinkingConfig.thinkingBudget', 'has to be a whole number of tokens.');
    }
  }
  if (support.kind === 'level') {
    if (thinkingBudget !== undefined)
      refuse('thinkingConfig.thinkingBudget', `is not supported by ${model}: use thinkingLevel.`);
    const { levels } = support;
    if (thinkingLevel !== undefined && !levels.some((level) => level === thinkingLevel)) {
      refuse('thinkingConfig.thinkingLevel', `has to be one of ${levels.join(', ')}.`);
    }
  }
}

function validateTools(
  { builtInTools = [], model, tools }: LiveConnectConfig,
  capabilities: ModelCapabilities,
  refuse: Refuse,
): void {
  if (capabilities.toolBehaviors.length === 0) {
    if (tools.length > 0) refuse('tools', `are not supported by ${model}.`);
    if (builtInTools.length > 0) refuse('builtInTools', `are not supported by ${model}.`);
  }
  const names = new Set<string>();
  tools.forEach(({ name, behavior }, index) => {
    const field = `tools[${index}]`;
    if (!/^[a-zA-Z_][\w.:-]{0,127}$/.test(name)) refuse(`${field}.name`, `is not a function name: ${name}`);
    if (names.has(name)) refuse(`${field}.name`, `is declared twice: ${name}`);
    names.add(name);
    if (behavior !== undefined && !capabilities.toolBehaviors.includes(behavior)) {
      refuse(`${field}.behavior`, `of ${name} can not be ${behavior} on ${model}.`);
    }
  });
  builtInTools.forEach((tool, index) => {
    const field = `builtInTools[${index}]`;
    if ('functionDeclarations' in tool) refuse(field, 'can not declare functions: those are `tools`.');
    if (Object.keys(tool).length !== 1) refuse(field, 'has to name exactly one tool.');
  });
}

function validateSafetySettings(
  settings: readonly Readonly<Record<string, unknown>>[],
  onVertex: boolean,
  refuse: Refuse,
): void {
  settings.forEach(({ category, threshold, method }, index) => {
    const field = `safetySettings[${index}]`;
    if (!isOneOf(HarmCategory, category)) refuse(`${field}.category`, 'is not a harm category.');
    if (!isOneOf(HarmBlockThreshold, threshold)) refuse(`${field}.threshold`, 'is not a threshold.');
    if (method === undefined) return;
    if (!onVertex) refuse(`${field}.method`, 'is supported on Vertex only.');
    if (!isOneOf(HarmBlockMethod, method)) refuse(`${field}.method`, 'is not a method.');
  });
}

function isOneOf(names: Readonly<Record<string, string>>, value: unknown): boolean {
  return Object.values(names).some((name) => name === value);
}
