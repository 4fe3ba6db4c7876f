import type { Content, Event, Part } from '@parley/event';

/**
 * What an agent is told of the conversation so far when a connection starts without a resumption handle.
 *
 * The user's words stay the user's. Everything else is retold as context from outside ("[agent] said: …"), also
 * for the agent's own words, because the Live API takes whatever follows a function response for model output.
 * Consecutive contents of one speaker are joined; media, thoughts and deltas are left out.
 * [src: adk-python contents.py]
 */
export function historyOf(events: readonly Event[]): readonly Content[] {
  const turns: { role: 'user'; own: boolean; lines: string[] }[] = [];
  for (const event of events) {
    const line = lineOf(event);
    if (!line) continue;
    const own = event.author === 'user';
    const last = turns.at(-1);
    if (last && last.own === own) last.lines.push(line);
    else turns.push({ role: 'user', own, lines: [line] });
  }
  return turns.map(({ role, own, lines }) => ({
    role,
    parts: [{ text: own ? lines.join('\n') : `For context:\n${lines.join('\n')}` }],
  }));
}

function lineOf(event: Event): string | undefined {
  if (event.partial === true) return undefined;
  const heard = event.inputTranscription?.text ?? '';
  if (heard.trim()) return heard.trim();
  const said = event.outputTranscription?.text ?? '';
  if (said.trim()) return `[${event.author}] said: ${said.trim()}`;
  const lines = (event.content?.parts ?? []).map((part) => describe(event.author, part)).filter(Boolean);
  return lines.length > 0 ? lines.join('\n') : undefined;
}

function describe(author: string, part: Part): string {
  if (part.text?.trim() && !part.thought)
    return author === 'user' ? part.text : `[${author}] said: ${part.text}`;
  if (part.functionCall) {
    return `[${author}] called tool \`${part.functionCall.name}\` with parameters: ${JSON.stringify(part.functionCall.args)}`;
  }
  if (part.functionResponse) {
    const { name, response } = part.functionResponse;
    return `[${author}] \`${name}\` tool returned result: ${JSON.stringify(response)}`;
  }
  return '';
}
