import type { LiveConnection } from '../model/live-model.js';

/** The connection of whichever agent is on the line, for what whoever runs the call may ask of it. */
export class LiveLine {
  #connection: LiveConnection | undefined;

  /** An agent came on the line, or left it. */
  set(connection: LiveConnection | undefined): void {
    this.#connection = connection;
  }

  /**
   * Moves the conversation to a new socket at its next safe point, at the latest within `withinMs`. Between two agents
   * there is nothing to move. Never rejects.
   */
  async rotate(withinMs?: number): Promise<'rotated' | 'ended' | 'between_agents'> {
    return (await this.#connection?.rotate(withinMs)) ?? 'between_agents';
  }
}
