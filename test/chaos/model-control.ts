/** One conversation that the emulator has open. */
export interface ModelSession {
  readonly id: string;
  readonly lineage: string;
}

export interface FaultRule {
  readonly fault: Readonly<Record<string, unknown>>;
  readonly probability?: number;
  readonly times?: number;
}

/** The emulator's control API: see libs/emulator/README.md. */
export class ModelControl {
  readonly #baseUrl: string;
  readonly #secret: string;

  constructor(baseUrl: string, secret: string) {
    this.#baseUrl = baseUrl;
    this.#secret = secret;
  }

  async sessions(): Promise<readonly ModelSession[]> {
    const { sessions } = (await this.#ask('GET', 'sessions')) as { sessions: ModelSession[] };
    return sessions;
  }

  /** A session may have ended before the step got there: that is no error. */
  async step(id: string, step: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#ask('POST', `sessions/${id}/steps`, step);
  }

  async setFaults(rules: readonly FaultRule[]): Promise<void> {
    await this.#ask('PUT', 'faults', { rules });
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#baseUrl}/__emu/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#secret}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`the emulator answers ${response.status}: ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  }
}
