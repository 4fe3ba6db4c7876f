import type { SessionKey, LiveModelInfo } from '@parley/live';
import { DOWN_KIND, PROTOCOL_VERSION, type Reception, type ResumedMessage } from '@parley/wire';
import type { DownMessage } from './downlink.js';

/** Told to a client that a call is new to. `remembered`: events that the session had when the run began here. */
export function readyMessage(
  { sessionId, appName: agent }: SessionKey,
  liveId: string,
  model: LiveModelInfo,
  remembered: number,
): DownMessage {
  const message = {
    type: 'ready',
    protocol: { min: PROTOCOL_VERSION, max: PROTOCOL_VERSION },
    sessionId,
    liveId,
    agent,
    provider: { name: model.provider, model: model.model, emulated: model.emulated },
    remembered,
  };
  return { kind: DOWN_KIND.ready, json: JSON.stringify(message) };
}

/** Told to a client that has had some of the call. `hereMs`: how long it has waited since it was back. */
export function resumedMessage(
  { cause, goneMs }: Reception,
  { recovered, mode, hereMs }: Pick<ResumedMessage, 'recovered' | 'mode'> & { readonly hereMs: number },
): DownMessage {
  const message: ResumedMessage = {
    type: 'resumed',
    cause,
    recovered,
    mode,
    gapMs: Math.round(goneMs + hereMs),
  };
  return { kind: DOWN_KIND.resumed, json: JSON.stringify(message) };
}
