const HEADER_BYTES = 44;

/** A WAV file of PCM16 mono, given whole or in pieces of any length; a last half sample is left out. */
export function writeWav(pcm16: Uint8Array | readonly Uint8Array[], rateHz: number): Uint8Array<ArrayBuffer> {
  const pieces = pcm16 instanceof Uint8Array ? [pcm16] : pcm16;
  const byteLength = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const audioBytes = byteLength - (byteLength % 2);
  const file = new Uint8Array(HEADER_BYTES + audioBytes);
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
  view.setUint32(40, audioBytes, true);
  let at = HEADER_BYTES;
  for (const piece of pieces) {
    const fitting = piece.subarray(0, file.length - at);
    file.set(fitting, at);
    at += fitting.length;
  }
  return file;
}

function writeTag(file: Uint8Array, at: number, tag: string): void {
  for (let i = 0; i < tag.length; i++) file[at + i] = tag.charCodeAt(i);
}
