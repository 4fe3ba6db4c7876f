export { FakeSpeechEngine, type FakeSpeechEngineOptions } from './fake-speech-engine.js';
export { LiveWireClient, livePathFor, type WireClose, type WireMessage } from './live-wire-client.js';
export { SessionBench, type SessionBenchOptions } from './session-bench.js';
export { silence, speech, type SpeechOptions } from './speech.js';
export { readWatermark } from '../voice/watermark.js';
