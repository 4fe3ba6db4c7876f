export { openSpeechEngine, type SpeechEngineOptions } from './local-speech-engine.js';
export * from './speech-engine.js';
