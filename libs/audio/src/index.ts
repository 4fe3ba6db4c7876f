export * from './level.js';
export { createResampler } from './libsamplerate-resampler.js';
export * from './pcm16.js';
export * from './resampler.js';
export * from './speech-energy.js';
export * from './wav-reader.js';
export * from './wav-writer.js';
