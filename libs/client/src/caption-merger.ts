import type { Event } from '@parley/event';
import type { Caption, Speaker } from './caption.js';

interface OpenCaption {
  readonly id: number;
  readonly author: string;
  readonly turn: number;
  text: string;
}

/**
 * Turns the events of a run into captions: deltas add up, and the final, which repeats the whole text, replaces
 * them. The event's author says who speaks.
 *
 * 1. There is at most one growing caption per speaker.
 * 2. A caption ends with its final transcription; failing that, when its turn ends or the speaker's next turn
 *    begins, with the text known so far. A final that comes after that corrects the same caption.
 * 3. An agent's written text makes captions only in turns that were not transcribed (agents that answer in text).
 */
export class CaptionMerger {
  readonly #open = new Map<Speaker, OpenCaption>();
  /** Captions that were ended without a final, and may still be corrected by one. */
  readonly #unconfirmed = new Map<Speaker, OpenCaption>();
  #transcribedTurn = -1;
  #lastId = 0;

  read(event: Event, turn: number): Caption[] {
    const speaker: Speaker = event.author === 'user' ? 'user' : 'agent';
    const captions: Caption[] = [];
    for (const heard of [event.inputTranscription, event.outputTranscription]) {
      if (!heard) continue;
      if (speaker === 'agent') this.#transcribedTurn = turn;
      const isFinal = heard.finished || event.partial === false;
      captions.push(...this.#merge(speaker, event.author, turn, heard.text, isFinal));
    }
    if (speaker === 'agent' && this.#transcribedTurn !== turn) {
      const written = (event.content?.parts ?? [])
        .filter((part) => part.thought !== true)
        .map((part) => part.text ?? '')
        .join('');
      if (written)
        captions.push(...this.#merge(speaker, event.author, turn, written, event.partial !== true));
    }
    if (event.turnComplete === true || event.interrupted === true) captions.push(...this.#endTurn(turn));
    return captions;
  }

  /** What the user typed: final at once. */
  typed(text: string, turn: number): Caption {
    return { id: ++this.#lastId, speaker: 'user', author: 'user', text, final: true, turn };
  }

  #merge(speaker: Speaker, author: string, turn: number, text: string, isFinal: boolean): Caption[] {
    const captions = speaker === 'agent' ? this.#endTurn(turn - 1) : [];
    let open = this.#open.get(speaker);
    if (isFinal && !open) {
      const unconfirmed = this.#unconfirmed.get(speaker);
      if (unconfirmed?.turn === turn) open = unconfirmed;
    }
    if (!open) {
      if (text.trim() === '') return captions;
      open = { id: ++this.#lastId, author, turn, text: '' };
    }
    this.#unconfirmed.delete(speaker);
    if (isFinal) {
      if (text.trim() !== '') open.text = text;
      this.#open.delete(speaker);
    } else {
      open.text += text;
      this.#open.set(speaker, open);
    }
    captions.push(toCaption(speaker, open, isFinal));
    return captions;
  }

  #endTurn(turn: number): Caption[] {
    const open = this.#open.get('agent');
    if (!open || open.turn > turn) return [];
    this.#open.delete('agent');
    this.#unconfirmed.set('agent', open);
    return [toCaption('agent', open, true)];
  }
}

function toCaption(speaker: Speaker, open: OpenCaption, final: boolean): Caption {
  const text = final ? open.text.trim() : open.text.trimStart();
  return { id: open.id, speaker, author: open.author, text, final, turn: open.turn };
}
