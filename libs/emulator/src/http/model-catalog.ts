import { profileOfModel } from '../session/model-profile.js';

const NAMES = [
  'gemini-3.8-live',
  'gemini-3.8-live-extended-thinking',
  'gemini-3.1-flash-live-preview',
  'gemini-2.5-flash-native-audio-preview-12-2025',
  'gemini-2.0-flash-live-001',
  'gemini-2.5-pro',
  'gemini-2.5-flash',
  'emulator',
] as const;

/** One entry of `GET /models`. */
export interface CatalogModel {
  readonly name: string;
  readonly version: string;
  readonly displayName: string;
  readonly description: string;
  readonly inputTokenLimit: number;
  readonly outputTokenLimit: number;
  readonly supportedGenerationMethods: readonly string[];
}

/** The models that are listed; more are taken, see `canGenerate` and `profileOfModel`. */
export function catalog(): CatalogModel[] {
  return NAMES.map(describe);
}

/** Undefined when there is no such model. */
export function catalogModel(model: string): CatalogModel | undefined {
  return profileOfModel(model) || canGenerate(model) ? describe(model) : undefined;
}

/** Whether the model answers `generateContent`: text models, and those live models that also write. */
export function canGenerate(model: string): boolean {
  const live = profileOfModel(model);
  return live ? live.textModality : /^(?:gemini|gemma)-/.test(model);
}

function describe(model: string): CatalogModel {
  const methods = [
    ...(canGenerate(model) ? ['generateContent', 'countTokens'] : []),
    ...(profileOfModel(model) ? ['bidiGenerateContent'] : []),
  ];
  return {
    name: `models/${model}`,
    version: '001',
    displayName: `${model} (emulated)`,
    description: "Parley's emulator: follows rules, and has no model behind it.",
    inputTokenLimit: 131_072,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: methods,
  };
}
