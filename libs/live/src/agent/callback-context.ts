import type { Content, Part } from '@parley/event';
import { ParleyError } from '@parley/kernel';
import type { ArtifactService } from '../artifact/artifact-service.js';
import type { MemoryEntry, MemoryService } from '../memory/memory-service.js';
import type { SessionKey } from '../session/session-service.js';
import { ToolState } from '../tool/tool-state.js';

/** What callbacks and tools are given to work with; all of it belongs to one invocation. */
export interface CallbackScope {
  readonly invocationId: string;
  readonly agentName: string;
  readonly key: SessionKey;
  /** The session's state now. */
  readonly state: Readonly<Record<string, unknown>>;
  /** Aborts when the run ends, for tools also when their call does. */
  readonly signal: AbortSignal;
  /** What the user said or typed last, where it is known. */
  readonly userContent?: Content;
  readonly artifacts?: ArtifactService | undefined;
  readonly memory?: MemoryService | undefined;
}

/** ADK's CallbackContext: what a callback may know and change. Changes ride on the event that the callback leads to. */
export class CallbackContext {
  /** Reads through to the session's state; what is set is stored with the event. */
  readonly state: ToolState;
  readonly #scope: CallbackScope;
  readonly #artifactDelta: Record<string, number> = {};

  constructor(scope: CallbackScope) {
    this.#scope = scope;
    this.state = new ToolState(scope.state);
  }

  get invocationId(): string {
    return this.#scope.invocationId;
  }

  get agentName(): string {
    return this.#scope.agentName;
  }

  get appName(): string {
    return this.#scope.key.appName;
  }

  get userId(): string {
    return this.#scope.key.userId;
  }

  get sessionId(): string {
    return this.#scope.key.sessionId;
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  get userContent(): Content | undefined {
    return this.#scope.userContent;
  }

  /** Versions saved through this context, by file name. */
  get artifactDelta(): Readonly<Record<string, number>> {
    return this.#artifactDelta;
  }

  /** Saves a file of the session (or of the user: `user:…`) and resolves with its version. */
  async saveArtifact(filename: string, part: Part): Promise<number> {
    const version = await this.#artifacts().saveArtifact({ ...this.#scope.key, filename }, part);
    this.#artifactDelta[filename] = version;
    return version;
  }

  loadArtifact(filename: string, version?: number): Promise<Part | undefined> {
    return this.#artifacts().loadArtifact({ ...this.#scope.key, filename }, version);
  }

  listArtifacts(): Promise<readonly string[]> {
    return this.#artifacts().listArtifactKeys(this.#scope.key);
  }

  /** Searches the user's earlier sessions. */
  searchMemory(query: string): Promise<readonly MemoryEntry[]> {
    const { memory, key } = this.#scope;
    if (!memory) throw notConfigured('memory');
    return memory.searchMemory(key, query);
  }

  #artifacts(): ArtifactService {
    if (!this.#scope.artifacts) throw notConfigured('artifact');
    return this.#scope.artifacts;
  }
}

function notConfigured(what: string): ParleyError {
  return new ParleyError('invalid_config', `No ${what} service is configured.`, {
    kind: 'failed_precondition',
  });
}
