import { isDurable, type Event, type EventActions, type Part } from '@parley/event';

/**
 * What a session store keeps of an event: nothing of a delta or of mere media; of an event that has media beside
 * other parts, the other parts (ADK drops such an event whole, and with it what the user typed under a picture); of media that came
 * with a change of state, the change.
 */
export function durableForm(event: Event): Event | undefined {
  if (isDurable(event)) return event;
  if (event.partial === true || !event.content) return undefined;
  const parts = event.content.parts.filter((part) => !isMedia(part));
  if (parts.length > 0) return { ...event, content: { ...event.content, parts } };
  const { content: _media, ...rest } = event;
  return changesSomething(event.actions) ? rest : undefined;
}

function changesSomething({ stateDelta, artifactDelta }: EventActions): boolean {
  return Object.keys(stateDelta).length > 0 || Object.keys(artifactDelta).length > 0;
}

export function isMedia({ inlineData }: Part): boolean {
  return inlineData !== undefined && /^(audio|video|image)\//.test(inlineData.mimeType);
}

export function isImage({ inlineData }: Part): boolean {
  return inlineData !== undefined && inlineData.mimeType.startsWith('image/');
}
