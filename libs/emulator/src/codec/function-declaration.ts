import { ProtoObject } from './proto-object.js';

/** Whether the model waits for the answer; undefined leaves it to the model. */
export type FunctionBehavior = 'BLOCKING' | 'NON_BLOCKING';

export interface FunctionDeclaration {
  readonly name: string;
  readonly description: string;
  readonly behavior: FunctionBehavior | undefined;
  readonly parameters: ParameterSchema | undefined;
}

/** What Gemini's `Schema` and JSON Schema have in common, in lower case. */
export interface ParameterSchema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  readonly description: string;
  readonly options: readonly string[];
  readonly properties: ReadonlyMap<string, ParameterSchema>;
  readonly required: readonly string[];
  readonly items: ParameterSchema | undefined;
}

/** The functions of a `tools` list; Google's built-in tools in it are accepted and do nothing here. */
export function readFunctions(tools: readonly ProtoObject[]): FunctionDeclaration[] {
  return tools.flatMap((tool) =>
    tool.objects('functionDeclarations').map((declaration) => {
      const behavior = declaration.enumName('behavior');
      const schema = declaration.raw('parameters') ?? declaration.raw('parametersJsonSchema');
      return {
        name: declaration.string('name') ?? '',
        description: declaration.string('description') ?? '',
        behavior: behavior === 'BLOCKING' || behavior === 'NON_BLOCKING' ? behavior : undefined,
        parameters: schema === undefined ? undefined : readSchema(schema),
      };
    }),
  );
}

const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'] as const;
const MAX_DEPTH = 6;

function readSchema(value: unknown, depth = 0): ParameterSchema {
  const schema = ProtoObject.from(value, 'tools.functionDeclarations.parameters');
  const properties = new Map<string, ParameterSchema>();
  const declared = schema.raw('properties');
  if (typeof declared === 'object' && declared !== null && depth < MAX_DEPTH) {
    for (const [name, property] of Object.entries(declared)) {
      if (typeof property === 'object' && property !== null) {
        properties.set(name, readSchema(property, depth + 1));
      }
    }
  }
  const items = schema.raw('items');
  const options = schema.raw('enum');
  const required = schema.raw('required');
  return {
    type: readType(schema.raw('type'), properties.size > 0),
    description: typeof schema.raw('description') === 'string' ? String(schema.raw('description')) : '',
    options: Array.isArray(options) ? options.map(String) : [],
    properties,
    required: Array.isArray(required) ? required.map(String) : [],
    items:
      typeof items === 'object' && items !== null && depth < MAX_DEPTH
        ? readSchema(items, depth + 1)
        : undefined,
  };
}

function readType(type: unknown, hasProperties: boolean): ParameterSchema['type'] {
  const names = (Array.isArray(type) ? type : [type]).map((name) => String(name).toLowerCase());
  return TYPES.find((known) => names.includes(known)) ?? (hasProperties ? 'object' : 'string');
}
