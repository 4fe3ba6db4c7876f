/** How flite speaks for a voice name. */
export interface FliteVoice {
  /** One of the voices that are built into flite. */
  readonly speaker: 'slt' | 'rms' | 'awb' | 'kal16';
  /** Pitch, 1 is the speaker's own. rms knows no shift. */
  readonly pitch: number;
  /** Size of head and throat, 1 is the speaker's own: more than 1 moves all frequencies up at the same tempo. */
  readonly timbre: number;
}

const voice = (speaker: FliteVoice['speaker'], pitch = 1, timbre = 1): FliteVoice => ({
  speaker,
  pitch,
  timbre,
});

const DEFAULT_VOICE = voice('slt');

/** Gemini's prebuilt voice names. Flite has one woman and three men; pitch and timbre tell the rest apart. */
const VOICES: ReadonlyMap<string, FliteVoice> = new Map([
  ['kore', voice('slt')],
  ['aoede', voice('slt', 1.1, 1.05)],
  ['zephyr', voice('slt', 1.2)],
  ['leda', voice('slt', 1.15, 1.1)],
  ['callirrhoe', voice('slt', 0.95, 1.05)],
  ['autonoe', voice('slt', 1.05)],
  ['despina', voice('slt', 1.1)],
  ['erinome', voice('slt', 0.95)],
  ['laomedeia', voice('slt', 1.15)],
  ['achernar', voice('slt', 1, 1.05)],
  ['gacrux', voice('slt', 0.85, 0.95)],
  ['pulcherrima', voice('slt', 1.2, 1.05)],
  ['vindemiatrix', voice('slt', 0.9)],
  ['sulafat', voice('slt', 0.9, 1.05)],
  ['puck', voice('rms', 1, 1.1)],
  ['charon', voice('rms')],
  ['fenrir', voice('rms', 1, 0.95)],
  ['orus', voice('rms', 1, 1.05)],
  ['enceladus', voice('rms', 1, 0.9)],
  ['iapetus', voice('kal16', 1.1)],
  ['umbriel', voice('kal16')],
  ['algieba', voice('kal16', 1.2, 1.05)],
  ['algenib', voice('kal16', 0.9, 0.95)],
  ['rasalgethi', voice('kal16', 1.1, 1.05)],
  ['alnilam', voice('awb')],
  ['schedar', voice('awb', 0.9)],
  ['achird', voice('awb', 1.1)],
  ['zubenelgenubi', voice('awb', 0.85, 0.95)],
  ['sadachbia', voice('awb', 1, 1.05)],
  ['sadaltager', voice('awb', 0.95)],
  ['slt', voice('slt')],
  ['rms', voice('rms')],
  ['awb', voice('awb')],
  ['kal16', voice('kal16')],
]);

/** A Gemini voice name or one of flite's own, in any case; every other name has the default voice. */
export function fliteVoice(name: string): FliteVoice {
  return VOICES.get(name.toLowerCase()) ?? DEFAULT_VOICE;
}
