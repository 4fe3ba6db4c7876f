import type { LiveServerMessage } from '../model/live-model.js';

/** What a model that only speaks would have written: its transcription as text, without the audio. */
export function asWritten(message: LiveServerMessage): LiveServerMessage {
  const { outputTranscription, parts, ...rest } = message;
  const kept = (parts ?? []).filter((part) => !part.inlineData?.mimeType.startsWith('audio/'));
  const written = outputTranscription?.text ? [...kept, { text: outputTranscription.text }] : kept;
  return written.length > 0 ? { ...rest, parts: written } : rest;
}
