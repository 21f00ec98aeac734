/** The part of JSON Schema that hanging protocols are written in. */
export interface Schema {
  readonly type: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: 'regex';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
}

/** What is wrong, and where: `cells[2].window.width`. The rule's value goes with it for the message. */
export interface SchemaProblem {
  readonly path: string;
  readonly rule: 'type' | 'required' | 'unknown' | 'enum' | 'pattern' | 'regex' | 'length' | 'range' | 'count';
  readonly wanted: string;
}

/** Everything in `value` that the schema does not allow; empty when it fits. */
export function checkSchema(value: unknown, schema: Schema, path = ''): SchemaProblem[] {
  const problem = (rule: SchemaProblem['rule'], wanted: string): SchemaProblem[] => [{ path, rule, wanted }];
  switch (schema.type) {
    case 'object':
      return isRecord(value) ? checkObject(value, schema, path) : problem('type', 'object');
    case 'array': {
      if (!Array.isArray(value)) return problem('type', 'array');
      const { minItems = 0, maxItems = Number.POSITIVE_INFINITY, items } = schema;
      if (value.length < minItems || value.length > maxItems) return problem('count', `${minItems}–${maxItems}`);
      return items ? value.flatMap((item, index) => checkSchema(item, items, `${path}[${index}]`)) : [];
    }
    case 'string': {
      if (typeof value !== 'string') return problem('type', 'string');
      const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
      if (schema.enum && !schema.enum.includes(value)) return problem('enum', schema.enum.join(', '));
      if (value.length < minLength || value.length > maxLength) return problem('length', `${minLength}–${maxLength}`);
      if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) return problem('pattern', schema.pattern);
      return schema.format === 'regex' && !isSafePattern(value) ? problem('regex', '') : [];
    }
    case 'boolean':
      return typeof value === 'boolean' ? [] : problem('type', 'boolean');
    default: {
      const right = typeof value === 'number' && Number.isFinite(value);
      if (!right || (schema.type === 'integer' && !Number.isInteger(value))) return problem('type', schema.type);
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, exclusiveMinimum } = schema;
      if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return problem('range', `> ${exclusiveMinimum}`);
      return value < minimum || value > maximum ? problem('range', `${minimum}–${maximum}`) : [];
    }
  }
}

function checkObject(value: Record<string, unknown>, schema: Schema, path: string): SchemaProblem[] {
  const properties = schema.properties ?? {};
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const missing = (schema.required ?? [])
    .filter((name) => !Object.hasOwn(value, name))
    .map((name): SchemaProblem => ({ path: at(name), rule: 'required', wanted: name }));
  const inside = Object.entries(value).flatMap(([name, each]): SchemaProblem[] => {
    const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return own ? checkSchema(each, own, at(name)) : [{ path: at(name), rule: 'unknown', wanted: '' }];
  });
  return [...missing, ...inside];
}

/**
 * Whether a regular expression compiles and cannot take for ever: a repeated group must not repeat, or choose, inside itself, and it has
 * no references back. A description is at most 64 characters, which bounds the rest.
 */
export function isSafePattern(pattern: string): boolean {
  if (
    /\\[1-9k]/.test(pattern) ||
    /\([^()]*[+*{|][^()]*\)\s*[+*{]/.test(pattern) ||
    /\)\s*[+*{].*\)\s*[+*{]/.test(pattern)
  )
    return false;
  try {
    new RegExp(pattern, 'iu');
    return true;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
