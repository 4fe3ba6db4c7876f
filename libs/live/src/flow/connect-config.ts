import type { LiveConnectConfig, LiveModelInfo } from '../model/live-model.js';
import type { LlmAgent } from '../agent/llm-agent.js';
import { systemInstructionOf } from '../agent/instruction.js';
import type { RunConfig } from '../runner/run-config.js';
import type { Session } from '../session/session-service.js';
import { historyOf } from './history.js';

/** What a connection for `agent` is opened with. The agent's own voice wins over the run's. */
export function connectConfigOf(
  agent: LlmAgent,
  session: Session,
  runConfig: RunConfig,
  model: LiveModelInfo,
): LiveConnectConfig {
  const {
    inputAudioTranscription,
    outputAudioTranscription,
    streamingMode: _,
    customMetadata: __,
    ...passed
  } = runConfig;
  const speechConfig = agent.speechConfig ?? runConfig.speechConfig;
  const history = historyOf(session.events);
  return withoutUndefined({
    ...passed,
    model: agent.model ?? model.model,
    systemInstruction: systemInstructionOf(agent, session.state),
    tools: agent.tools.map((tool) => tool.declaration),
    speechConfig,
    inputAudioTranscription: inputAudioTranscription ?? undefined,
    outputAudioTranscription: outputAudioTranscription ?? undefined,
    history: history.length > 0 ? history : undefined,
  }) as LiveConnectConfig;
}

/** Leaves out what is not set, so that it is not sent either. */
function withoutUndefined(record: object): unknown {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}
