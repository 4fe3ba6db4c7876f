import { startEmulator, type RunningEmulator, type ScriptedSession } from '@parley/emulator';

/**
 * The model's side of one conversation: an emulator of its own, which says nothing but what the script says.
 * Under `bare` it does not even accept the set-up.
 */
export class ScriptedModel {
  readonly #emulator: RunningEmulator;
  readonly #scenario: 'scripted' | 'bare';
  readonly #connections: ScriptedSession[] = [];

  static async start(scenario: 'scripted' | 'bare'): Promise<ScriptedModel> {
    return new ScriptedModel(await startEmulator(), scenario);
  }

  private constructor(emulator: RunningEmulator, scenario: 'scripted' | 'bare') {
    this.#emulator = emulator;
    this.#scenario = scenario;
  }

  get baseUrl(): string {
    return `${this.#emulator.url}/s/${this.#scenario}`;
  }

  /** Those that `look` has found, oldest first. */
  get connections(): readonly ScriptedSession[] {
    return this.#connections;
  }

  /** Waits up to `deadlineMs` for another connection whose set-up has come. */
  async look(deadlineMs: number): Promise<boolean> {
    const session = await this.#emulator.scripts.next({ deadlineMs }).catch(() => undefined);
    if (session) this.#connections.push(session);
    return session !== undefined;
  }

  close(): Promise<void> {
    return this.#emulator.close();
  }
}
