const HEADER_BYTES = 44;

/** A WAV file of PCM16 mono. */
export function writeWav(pcm16: Uint8Array, rateHz: number): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(HEADER_BYTES + pcm16.length);
  const view = new DataView(file.buffer);
  writeTag(file, 0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  writeTag(file, 8, 'WAVE');
  writeTag(file, 12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // integer PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, rateHz, true);
  view.setUint32(28, rateHz * 2, true); // bytes a second
  view.setUint16(32, 2, true); // bytes of one sample of all channels
  view.setUint16(34, 16, true); // bits a sample
  writeTag(file, 36, 'data');
  view.setUint32(40, pcm16.length, true);
  file.set(pcm16, HEADER_BYTES);
  return file;
}

function writeTag(file: Uint8Array, at: number, tag: string): void {
  for (let i = 0; i < tag.length; i++) file[at + i] = tag.charCodeAt(i);
}
