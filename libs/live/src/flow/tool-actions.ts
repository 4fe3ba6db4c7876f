import { NO_ACTIONS, type EventActions } from '@parley/event';
import type { ToolContext } from '../tool/tool-context.js';

/** What one tool changed, handed to its events bit by bit: each change is told once. */
export class ToolActionsTap {
  readonly #context: ToolContext;
  readonly #toldVersions = new Map<string, number>();

  constructor(context: ToolContext) {
    this.#context = context;
  }

  take(): EventActions {
    const { state, artifactDelta, actions } = this.#context;
    const fresh = Object.entries(artifactDelta).filter(([name, version]) => {
      return this.#toldVersions.get(name) !== version;
    });
    for (const [name, version] of fresh) this.#toldVersions.set(name, version);
    const { transferToAgent, escalate, skipSummarization, endOfAgent } = actions;
    delete actions.transferToAgent;
    delete actions.escalate;
    delete actions.skipSummarization;
    delete actions.endOfAgent;
    return {
      ...NO_ACTIONS,
      stateDelta: state.takeDelta(),
      artifactDelta: Object.fromEntries(fresh),
      ...(transferToAgent === undefined ? {} : { transferToAgent }),
      ...(escalate === undefined ? {} : { escalate }),
      ...(skipSummarization === undefined ? {} : { skipSummarization }),
      ...(endOfAgent === undefined ? {} : { endOfAgent }),
    };
  }
}

/** Actions of several calls as one event has them; where two say different things the later call wins. */
export function mergedActions(all: readonly EventActions[]): EventActions {
  return all.reduce<EventActions>((merged, next) => deepMerged(merged, next) as EventActions, NO_ACTIONS);
}

export function hasActions(actions: EventActions): boolean {
  return Object.values(actions).some((value) => !isRecord(value) || Object.keys(value).length > 0);
}

/** [src: adk-python functions.py `deep_merge_dicts`] Keys are defined, never assigned, so `__proto__` is one as any. */
function deepMerged(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) merged.set(key, deepMerged(merged.get(key), value));
  return Object.fromEntries(merged);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
