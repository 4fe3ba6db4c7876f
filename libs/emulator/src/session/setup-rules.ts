import type { Setup } from '../codec/setup.js';
import { CLOSE_REASONS, type CloseReason } from './close-reason.js';
import type { ModelProfile } from './model-profile.js';

const VOICE_NAMES: readonly string[] =
  `Zephyr Puck Charon Kore Fenrir Leda Orus Aoede Callirrhoe Autonoe Enceladus Iapetus Umbriel Algieba Despina
  Erinome Algenib Rasalgethi Laomedeia Achernar Alnilam Schedar Gacrux Pulcherrima Achird Zubenelgenubi
  Vindemiatrix Sadachbia Sadaltager Sulafat`.split(/\s+/);

/** What the model would refuse in this setup; undefined when it would take it. */
export function refuseSetup(
  setup: Setup,
  profile: ModelProfile,
  api: 'gemini' | 'vertex',
): CloseReason | undefined {
  if (profile.name === 'permissive') return undefined;
  const { responseModalities: modalities } = setup;
  const badModalities =
    modalities.length > 1 ||
    modalities.some((name) => name !== 'AUDIO' && !(name === 'TEXT' && profile.textModality));
  const badVoice =
    setup.multiSpeakerVoice || (setup.voiceName !== undefined && !VOICE_NAMES.includes(setup.voiceName));
  const refused =
    badModalities ||
    badVoice ||
    refusesThinking(setup, profile) ||
    (setup.affectiveDialog && !profile.affectiveDialog) ||
    (setup.proactiveAudio === false && profile.proactivityFixed) ||
    setup.functions.some((tool) => tool.behavior === 'BLOCKING' && !profile.blockingFunctions) ||
    (setup.functions.length > 0 && !profile.functions) ||
    (setup.translateTo !== undefined) !== profile.translates ||
    (setup.explicitVadSignal && api === 'gemini') ||
    (setup.initialHistory && api === 'vertex') ||
    refusesCompression(setup, profile) ||
    !validFunctionNames(setup);
  return refused ? CLOSE_REASONS.invalidArgument : undefined;
}

function refusesThinking(setup: Setup, profile: ModelProfile): boolean {
  if (!setup.thinking) return false;
  const { level, budget } = setup.thinking;
  switch (profile.thinking) {
    case 'absent':
      return true;
    case 'budget':
      return level !== undefined;
    case 'level':
      return budget !== undefined;
    case 'level-not-minimal':
      return budget !== undefined || level === 'MINIMAL';
    case 'any':
      return false;
  }
}

function refusesCompression({ compression }: Setup, { contextTokens }: ModelProfile): boolean {
  const { triggerTokens = contextTokens, targetTokens = 0 } = compression ?? {};
  return (
    triggerTokens <= 0 || triggerTokens > contextTokens || targetTokens < 0 || targetTokens > triggerTokens
  );
}

function validFunctionNames(setup: Setup): boolean {
  const names = setup.functions.map((tool) => tool.name);
  return names.every((name) => /^[A-Za-z_][\w.:-]{0,63}$/.test(name)) && new Set(names).size === names.length;
}
