import { ParleyError } from '@parley/kernel';

/**
 * Reads proto3 JSON the way Google's servers do: a field may be named in camelCase or snake_case, `null` means
 * absent, enum names come in any case, int64 may be a string. A field of the wrong type throws
 * `invalid_message`, which the session turns into close 1007.
 */
export class ProtoObject {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #path: string;

  private constructor(fields: ReadonlyMap<string, unknown>, path: string) {
    this.#fields = fields;
    this.#path = path;
  }

  static from(value: unknown, path: string): ProtoObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidField(path);
    const fields = new Map<string, unknown>();
    for (const [name, field] of Object.entries(value)) {
      if (field !== null && field !== undefined) fields.set(camelCase(name), field);
    }
    return new ProtoObject(fields, path);
  }

  /** Names that are set, in camelCase. */
  names(): string[] {
    return [...this.#fields.keys()];
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  raw(name: string): unknown {
    return this.#fields.get(name);
  }

  object(name: string): ProtoObject | undefined {
    const value = this.#fields.get(name);
    return value === undefined ? undefined : ProtoObject.from(value, this.#at(name));
  }

  objects(name: string): ProtoObject[] {
    return this.#list(name).map((item, index) => ProtoObject.from(item, `${this.#at(name)}[${index}]`));
  }

  strings(name: string): string[] {
    return this.#list(name).map((item) => {
      if (typeof item !== 'string') throw invalidField(this.#at(name));
      return item;
    });
  }

  string(name: string): string | undefined {
    const value = this.#fields.get(name);
    if (value === undefined || typeof value === 'string') return value;
    throw invalidField(this.#at(name));
  }

  enumName(name: string): string | undefined {
    return this.string(name)?.toUpperCase();
  }

  boolean(name: string): boolean {
    const value = this.#fields.get(name) ?? false;
    if (typeof value === 'boolean') return value;
    throw invalidField(this.#at(name));
  }

  integer(name: string): number | undefined {
    const value = this.#fields.get(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
    throw invalidField(this.#at(name));
  }

  #list(name: string): readonly unknown[] {
    const value = this.#fields.get(name);
    if (value === undefined) return [];
    // A single value stands for a list of one, as Google's parser allows.
    return Array.isArray(value) ? value : [value];
  }

  #at(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}

export function invalidField(path: string): ParleyError {
  return new ParleyError('invalid_message', `The field '${path}' is not valid.`, {
    kind: 'invalid_argument',
    details: { path },
  });
}

function camelCase(name: string): string {
  return name.includes('_')
    ? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    : name;
}
