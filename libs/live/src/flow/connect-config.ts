import type { Content } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import { LlmAgent } from '../agent/llm-agent.js';
import { systemInstructionOf } from '../agent/instruction.js';
import type { LiveConnectConfig } from '../model/live-model.js';
import { callbackContext, type Invocation } from '../runner/invocation.js';
import type { RunConfig } from '../runner/run-config.js';
import { GENERATION_FIELDS } from '../runner/run-config-parts.js';
import type { BaseTool } from '../tool/base-tool.js';
import { declarationFor } from './tool-declaration.js';

/** Of a RunConfig what the model is told as it stands. */
const PASSED_ON = [
  'responseModalities',
  'realtimeInputConfig',
  'proactivity',
  'enableAffectiveDialog',
  'contextWindowCompression',
  'historyConfig',
  'explicitVadSignal',
  'translationConfig',
  'avatarConfig',
  ...GENERATION_FIELDS,
] as const satisfies readonly (keyof RunConfig)[];

export interface ConnectRequest {
  readonly invocation: Invocation;
  readonly agent: LlmAgent;
  /** All that the model may call. */
  readonly tools: readonly BaseTool[];
  /** Told after the agent's own instruction. */
  readonly instructionSuffix: string;
  /** Asked when a session without a handle starts. */
  readonly history: () => readonly Content[];
  /** Sealed. Only the first agent of a run takes one over; each agent's session is its own. */
  readonly handle: string | undefined;
}

/**
 * What a connection for `agent` is opened with; instruction and tools stay as they are for the agent's whole stay.
 * The agent's own voice wins over the run's. Transcription is on unless the run says null.
 */
export async function connectConfigOf(request: ConnectRequest): Promise<LiveConnectConfig> {
  const { invocation, agent, tools, instructionSuffix, history, handle } = request;
  const { runConfig, model, tree, line } = invocation;
  const { inputAudioTranscription, outputAudioTranscription, sessionResumption } = runConfig;
  const capabilities = model.capabilitiesOf(agent.model);
  const root = tree.root instanceof LlmAgent ? tree.root : undefined;
  const told = await systemInstructionOf(agent, callbackContext(invocation, agent.name), root);
  return withoutUndefined({
    ...Object.fromEntries(PASSED_ON.map((field) => [field, runConfig[field]])),
    model: agent.model ?? model.info.model,
    systemInstruction: [told, instructionSuffix].filter(Boolean).join('\n\n'),
    tools: tools.flatMap((tool) => declarationFor(tool, capabilities) ?? []),
    builtInTools: nonEmpty(tools.flatMap((tool) => tool.builtIn ?? [])),
    speechConfig: agent.speechConfig ?? runConfig.speechConfig,
    inputAudioTranscription: inputAudioTranscription ?? undefined,
    outputAudioTranscription: outputAudioTranscription ?? undefined,
    sessionResumption: resumption(sessionResumption?.transparent, handle, invocation),
    history: agent.includeContents === 'none' ? undefined : history,
    mayDial: () => line.held,
  });
}

function resumption(
  transparent: boolean | undefined,
  sealed: string | undefined,
  { key, seal }: Invocation,
): LiveConnectConfig['sessionResumption'] {
  const own = transparent === undefined ? {} : { transparent };
  if (sealed === undefined) return own;
  const handle = seal ? seal.open(sealed, key) : sealed;
  if (handle === undefined) {
    throw new ParleyError('invalid_config', 'sessionResumption.handle is not one of this session.', {
      kind: 'invalid_argument',
    });
  }
  return { ...own, handle };
}

function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** Leaves out what is not set, so that it is not sent either. */
function withoutUndefined(record: object): LiveConnectConfig {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as unknown as LiveConnectConfig;
}
