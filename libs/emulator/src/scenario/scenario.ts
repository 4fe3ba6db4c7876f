import { ParleyError, toParleyError } from '@parley/kernel';
import { z } from 'zod';
import { readFaultRules } from '../fault/fault-plan.js';
import { DEFAULT_BEHAVIOUR, type Behaviour } from '../session/behaviour.js';
import { answersInput, conditionSchema, type Condition } from './condition.js';
import type { StepInput } from './step-input.js';
import { stepSchema, type Step } from './step.js';

const pace = z.enum(['real', 'burst']);

const ruleSchema = z.strictObject({
  /** For error messages and logs. */
  name: z.string().min(1).optional(),
  when: conditionSchema,
  do: z.array(stepSchema),
  /** How often it fires in a session; default: whenever its condition holds. */
  times: z.int().min(1).optional(),
  /** The probability with which it fires when its condition holds. */
  chance: z.number().min(0).max(1).optional(),
  /** Stops the scripts that still play before it begins. */
  cutsIn: z.literal(true).optional(),
  pace: pace.optional(),
});

const scenarioSchema = z
  .strictObject({
    description: z.string().optional(),
    /** Makes what is left to chance the same in every session; default: by the emulator's seed and the session. */
    seed: z.int().optional(),
    /**
     * Nothing is sent but what the rules say: no answers of the emulator's own, no ends of turns, no captions, no
     * resumption updates, no goAway. Any setup and any message is taken.
     */
    exact: z.boolean().default(false),
    /** `manual`: an exact scenario sends it by a step. */
    setupComplete: z.enum(['automatic', 'manual']).default('automatic'),
    /** `burst` sends at once what would be paced; default: `burst` where exact, else `real`. */
    pace: pace.optional(),
    behaviour: z.record(z.string(), z.unknown()).superRefine(checkBehaviour).default({}),
    rules: z.array(ruleSchema),
  })
  .superRefine((scenario, context) => {
    if (scenario.exact) return;
    if (scenario.setupComplete === 'manual') {
      context.addIssue({ code: 'custom', path: ['setupComplete'], message: 'manual needs "exact": true' });
    }
    scenario.rules.forEach((rule, index) => {
      if (rule.cutsIn) {
        const message = 'needs a scenario with "exact": true; in others every turn of the user cuts in';
        context.addIssue({ code: 'custom', path: ['rules', index, 'cutsIn'], message });
      }
      for (const [at, step] of rule.do.entries()) {
        const verb = exactOnly(step);
        if (verb === undefined) continue;
        const path = ['rules', index, 'do', at];
        context.addIssue({ code: 'custom', path, message: `${verb} needs a scenario with "exact": true` });
      }
    });
  });

export type Rule = z.output<typeof ruleSchema>;

/** A read scenario: what the model does, as ordered rules. */
export interface Scenario extends Omit<z.output<typeof scenarioSchema>, 'behaviour'> {
  readonly behaviour: Partial<Behaviour>;
}

/** A scenario as it is written, in JSON or TypeScript. */
export interface ScenarioInput {
  readonly description?: string;
  readonly seed?: number;
  readonly exact?: boolean;
  readonly setupComplete?: 'automatic' | 'manual';
  readonly pace?: 'real' | 'burst';
  readonly behaviour?: Partial<Behaviour>;
  readonly rules: readonly {
    readonly name?: string;
    readonly when: Condition;
    readonly do: readonly StepInput[];
    readonly times?: number;
    readonly chance?: number;
    readonly cutsIn?: true;
    readonly pace?: 'real' | 'burst';
  }[];
}

/** Throws `invalid_config` with one line for each mistake, which names the scenario, the rule and the step. */
export function readScenario(name: string, value: unknown): Scenario {
  const read = scenarioSchema.safeParse(value);
  if (read.success) return read.data;
  const rules = ruleNames(value);
  const lines = read.error.issues.map((issue) => `${placeOf(issue.path, rules)}: ${issue.message}`);
  throw new ParleyError('invalid_config', `Scenario "${name}" is not valid.\n${lines.join('\n')}`, {
    kind: 'invalid_argument',
  });
}

/** Reads the steps of a script that belongs to no scenario; throws as `readScenario` does. */
export function readSteps(steps: readonly StepInput[]): Step[] {
  const [rule] = readScenario('script', { exact: true, rules: [{ when: { start: true }, do: steps }] }).rules;
  return rule?.do ?? [];
}

/** Whether the rule makes a turn of the model, rather than doing something beside it. */
export function opensTurn({ when, do: steps }: Rule): boolean {
  return (
    answersInput(when) ||
    when.toolResult !== undefined ||
    flatten(steps).some(({ verb }) => TURN_VERBS.has(verb))
  );
}

const TURN_VERBS: ReadonlySet<string> = new Set(['say', 'think', 'toolCall']);

const EXACT_VERBS: ReadonlySet<string> = new Set([
  'generationComplete',
  'turnComplete',
  'interrupted',
  'toolCallCancellation',
  'setupComplete',
  'waitFor',
]);

/** What in a step would contradict the turns that the emulator keeps by itself. */
function exactOnly(step: Step): string | undefined {
  for (const each of flatten([step])) {
    if (EXACT_VERBS.has(each.verb)) return each.verb;
    const field = each.verb === 'content' && Object.keys(each.value).find((name) => EXACT_VERBS.has(name));
    if (field) return field;
  }
  return undefined;
}

/** The steps with those inside of them. */
function flatten(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => {
    if (step.verb === 'repeat') return [step, ...flatten(step.value.do)];
    return step.verb === 'reorder' ? [step, ...step.value] : [step];
  });
}

function checkBehaviour(behaviour: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const defaults: Readonly<Record<string, unknown>> = { ...DEFAULT_BEHAVIOUR };
  for (const [name, value] of Object.entries(behaviour)) {
    if (name === 'faults') checkFaults(value, context);
    const standard = defaults[name];
    const known = Object.hasOwn(defaults, name);
    if (known && (standard === undefined || typeof standard === typeof value)) continue;
    const message = known ? `expected a ${typeof standard}` : 'there is no such setting';
    context.addIssue({ code: 'custom', path: [name], message });
  }
}

function checkFaults(faults: unknown, context: z.RefinementCtx): void {
  try {
    readFaultRules(faults);
  } catch (thrown) {
    context.addIssue({ code: 'custom', path: ['faults'], message: toParleyError(thrown).message });
  }
}

function ruleNames(value: unknown): readonly unknown[] {
  const rules =
    typeof value === 'object' && value !== null && 'rules' in value && Array.isArray(value.rules)
      ? (value.rules as readonly unknown[])
      : [];
  return rules.map((rule) =>
    typeof rule === 'object' && rule !== null && 'name' in rule ? rule.name : undefined,
  );
}

/** Such as: rule 2 "the tool answers", step 1, say.text */
function placeOf(path: readonly PropertyKey[], names: readonly unknown[]): string {
  const [first, index, list, step, ...rest] = path;
  if (first !== 'rules' || typeof index !== 'number') return path.join('.') || 'scenario';
  const name = names[index];
  const rule = `rule ${index + 1}${typeof name === 'string' ? ` "${name}"` : ''}`;
  const inStep = list === 'do' && typeof step === 'number';
  const inside = (inStep ? rest : path.slice(2)).join('.');
  return [rule, ...(inStep ? [`step ${step + 1}`] : []), ...(inside ? [inside] : [])].join(', ');
}
