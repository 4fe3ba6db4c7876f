import type { Blob } from '@parley/event';
import type { Clock, Log } from '@parley/kernel';
import type { ArtifactService } from '../artifact/artifact-service.js';
import type { EventFactory } from '../flow/event-factory.js';
import { LiveBlobCache, type LiveBlobFile } from '../flow/live-blob-cache.js';
import type { SessionKey } from '../session/session-service.js';
import type { EventStream } from './event-stream.js';

export interface LiveBlobRecorderParts {
  readonly artifacts: ArtifactService;
  readonly key: SessionKey;
  readonly events: EventFactory;
  readonly stream: EventStream;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * `saveLiveBlob`: what is said and shown becomes files, and each file an event. The conversation never waits for it;
 * control events are told in their own right. [src: adk-python live/_cache_manager.py]
 */
export class LiveBlobRecorder {
  readonly #parts: LiveBlobRecorderParts;
  readonly #cache: LiveBlobCache;
  #agentName = '';
  #saving: Promise<void> = Promise.resolve();

  constructor(parts: LiveBlobRecorderParts) {
    this.#parts = parts;
    this.#cache = new LiveBlobCache({
      ...parts,
      agentName: () => this.#agentName,
      onFailure: (error, filename) =>
        parts.log.warn('media of a call could not be saved', {
          filename,
          error: error instanceof Error ? error.name : 'unknown',
        }),
    });
  }

  input(blob: Blob): void {
    this.#cache.input(blob);
  }

  output(blob: Blob, agentName: string): void {
    this.#agentName = agentName;
    this.#cache.output(blob);
  }

  /** `model`: what the model said so far. `all`: what the user said and showed, too. */
  flush(which: 'model' | 'all'): void {
    const flushed = this.#cache.flush(which);
    this.#saving = this.#saving.then(async () => {
      for (const file of await flushed) this.#tell(file);
    });
  }

  /** Saves what is left; resolves when all is saved. */
  settled(): Promise<void> {
    this.flush('all');
    return this.#saving;
  }

  #tell({ author, role, fileUri, mimeType, timestamp, artifactDelta }: LiveBlobFile): void {
    const { events, stream } = this.#parts;
    const content = { role, parts: [{ fileData: { fileUri, mimeType } }] };
    stream.emit(events.make(author, { content, actions: { artifactDelta } }, timestamp));
  }
}
