import type { Blob } from '@parley/event';
import { ParleyError, withDeadline, type Clock } from '@parley/kernel';
import type { ArtifactService } from '../artifact/artifact-service.js';
import { artifactUri } from '../artifact/artifact-uri.js';
import type { SessionKey } from '../session/session-service.js';
import { LiveBlobAudio, pcmRateOf } from './live-blob-audio.js';
import type { LiveBlobTake } from './live-blob-file.js';
import { isFrame, LiveBlobFrames } from './live-blob-frames.js';

const INPUT_RATE_HZ = 16_000;
const OUTPUT_RATE_HZ = 24_000;
/** Bytes of files that wait to be saved; a file that would be more is lost. */
const MAX_WAITING_BYTES = 128 * 1024 * 1024;
const SAVE_DEADLINE_MS = 30_000;

export interface LiveBlobCacheOptions {
  readonly artifacts: ArtifactService;
  readonly key: SessionKey;
  /** Who speaks now for the model. */
  readonly agentName: () => string;
  readonly clock: Clock;
  /** A file could not be saved; the conversation goes on. */
  readonly onFailure: (error: unknown, filename: string) => void;
}

/** A file that was saved, with all that its event says. */
export interface LiveBlobFile {
  /** `user`, or the agent that began it. */
  readonly author: string;
  readonly role: 'user' | 'model';
  readonly fileUri: string;
  readonly mimeType: string;
  /** Of the first chunk, in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly artifactDelta: Readonly<Record<string, number>>;
}

export interface LiveBlobCounts {
  readonly savedFiles: number;
  readonly failedFiles: number;
  /** Bytes of files that failed or were too many. */
  readonly lostBytes: number;
  /** Chunks that are neither PCM nor pictures. */
  readonly ignoredChunks: number;
}

/** One side's audio or pictures. */
interface Lane {
  readonly role: 'user' | 'model';
  take: LiveBlobTake | undefined;
  author: string;
  /** Files that nobody was told of yet. */
  saved: Promise<LiveBlobFile | undefined>[];
}

/**
 * Keeps what was said and shown as files of the session (`saveLiveBlob`): speech as WAV, pictures as they are or as
 * an archive. Made only when a run wants it (C8).
 *
 * 1. Audio holds 10 MiB or 300 s, pictures 600 or 100 MiB. When it is full, or rate or agent change, what is
 *    there becomes a file of its own at once and the rest goes on in the next: nothing is dropped for that.
 * 2. `flush('model')` ends the files of the model, `flush('all')` those of the user too; each file is told once.
 * 3. Files are saved one after the other, each within 30 s. What fails is counted and reported, and never throws;
 *    with 128 MiB waiting to be saved the next file is lost, which is reported too.
 */
export class LiveBlobCache {
  readonly #options: LiveBlobCacheOptions;
  readonly #userAudio = lane('user');
  readonly #userFrames = lane('user');
  readonly #modelAudio = lane('model');
  readonly #modelFrames = lane('model');
  #tail: Promise<unknown> = Promise.resolve();
  #waitingBytes = 0;
  #savedFiles = 0;
  #failedFiles = 0;
  #lostBytes = 0;
  #ignoredChunks = 0;

  constructor(options: LiveBlobCacheOptions) {
    this.#options = options;
  }

  get counts(): LiveBlobCounts {
    return {
      savedFiles: this.#savedFiles,
      failedFiles: this.#failedFiles,
      lostBytes: this.#lostBytes,
      ignoredChunks: this.#ignoredChunks,
    };
  }

  /** A chunk that the user sent. */
  input(blob: Blob): void {
    const rateHz = pcmRateOf(blob, INPUT_RATE_HZ);
    if (rateHz !== undefined) {
      this.#add(
        this.#userAudio,
        blob,
        (nowMs) => new LiveBlobAudio('input_audio', rateHz, INPUT_RATE_HZ, nowMs),
      );
    } else if (isFrame(blob)) {
      this.#add(this.#userFrames, blob, (nowMs) => new LiveBlobFrames('input_media', nowMs));
    } else this.#ignoredChunks += 1;
  }

  /** A chunk of the model's. */
  output(blob: Blob): void {
    const rateHz = pcmRateOf(blob, OUTPUT_RATE_HZ);
    if (rateHz !== undefined) {
      this.#add(
        this.#modelAudio,
        blob,
        (nowMs) => new LiveBlobAudio('output_audio', rateHz, OUTPUT_RATE_HZ, nowMs),
      );
    } else if (isFrame(blob)) {
      this.#add(this.#modelFrames, blob, (nowMs) => new LiveBlobFrames('output_media', nowMs));
    } else this.#ignoredChunks += 1;
  }

  /**
   * Ends the model's files (on `interrupted`, C7) or all (on `turnComplete` and at the end of a run, C6). Resolves
   * when they are saved, with them and those that became full since, oldest first. Never rejects.
   */
  async flush(which: 'model' | 'all'): Promise<readonly LiveBlobFile[]> {
    const ofModel = [this.#modelAudio, this.#modelFrames];
    const lanes = which === 'model' ? ofModel : [this.#userAudio, this.#userFrames, ...ofModel];
    const saved = lanes.flatMap((each) => {
      this.#end(each);
      return each.saved.splice(0);
    });
    const files = (await Promise.all(saved)).filter((file) => file !== undefined);
    return files.sort((a, b) => a.timestamp - b.timestamp);
  }

  #add(to: Lane, blob: Blob, begin: (nowMs: number) => LiveBlobTake): void {
    if (blob.data.byteLength === 0) return;
    const nowMs = this.#options.clock.nowMs();
    const author = to.role === 'user' ? 'user' : this.#options.agentName();
    if (to.author === author && to.take?.add(blob, nowMs)) return;
    this.#end(to);
    to.take = begin(nowMs);
    to.author = author;
    to.take.add(blob, nowMs);
  }

  /** Saves what the lane has gathered. */
  #end(of: Lane): void {
    const { take, author, role } = of;
    of.take = undefined;
    if (!take) return;
    const { byteLength } = take;
    if (this.#waitingBytes + byteLength > MAX_WAITING_BYTES) {
      return this.#lost(take, new ParleyError('capacity_exhausted', 'Files are saved too slowly.'));
    }
    this.#waitingBytes += byteLength;
    const saved = this.#tail.then(() => this.#save(take, author, role));
    this.#tail = saved.finally(() => {
      this.#waitingBytes -= byteLength;
    });
    of.saved.push(saved);
  }

  async #save(take: LiveBlobTake, author: string, role: 'user' | 'model'): Promise<LiveBlobFile | undefined> {
    const { artifacts, key, clock } = this.#options;
    const { filename } = take;
    const { tenantId, appName, userId, sessionId } = key;
    const artifact = { tenantId, appName, userId, sessionId, filename };
    try {
      const { mimeType, data, metadata } = take.file();
      const saving = artifacts.saveArtifact(
        artifact,
        { inlineData: { mimeType, data } },
        { customMetadata: metadata },
      );
      const version = await withDeadline(clock, SAVE_DEADLINE_MS, saving, () => {
        return new ParleyError('internal', `A file was not saved within ${SAVE_DEADLINE_MS} ms.`, {
          kind: 'deadline_exceeded',
        });
      });
      this.#savedFiles += 1;
      return {
        author,
        role,
        fileUri: artifactUri(artifact, version),
        mimeType,
        timestamp: take.firstChunkMs,
        artifactDelta: { [filename]: version },
      };
    } catch (error) {
      this.#lost(take, error);
      return undefined;
    }
  }

  #lost({ byteLength, filename }: LiveBlobTake, error: unknown): void {
    this.#failedFiles += 1;
    this.#lostBytes += byteLength;
    this.#options.onFailure(error, filename);
  }
}

function lane(role: 'user' | 'model'): Lane {
  return { role, take: undefined, author: role, saved: [] };
}
