/** What the server offers only while it is being developed; where it does not, every answer is no. */
export class DevApi {
  readonly #apiKey: string;

  constructor(apiKey: string) {
    this.#apiKey = apiKey;
  }

  /** Whether this server lets its workers be killed. Never rejects. */
  async isOn(): Promise<boolean> {
    const response = await this.#request('/v1/dev', 'GET');
    return response?.ok ?? false;
  }

  /** Ends the process that runs the call, without warning. False: it was not done. Never rejects. */
  async crashWorker(liveId: string): Promise<boolean> {
    const response = await this.#request('/v1/dev/crash-worker', 'POST', { liveId });
    return response?.ok ?? false;
  }

  async #request(path: string, method: string, body?: unknown): Promise<Response | undefined> {
    try {
      return await fetch(path, {
        method,
        headers: { authorization: `Bearer ${this.#apiKey}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      return undefined;
    }
  }
}
