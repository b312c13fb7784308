import { isObject, membersOf } from '../../is-object.js';
import { UniqueNames } from './unique-names.js';
import type { JsonSchema } from './written-schema.js';

/** A schema of a document. */
export interface SchemaReference {
  readonly key: string;
  /** The schema that refers to it. */
  readonly schema: JsonSchema;
}

/**
 * The schemas of a document. A schema that becomes part of a document takes its references along: `#` no longer is its own
 * root. Definitions of its own move up, next to it, since AsyncAPI knows no others.
 */
export class SchemaBook {
  readonly #schemas = new Map<string, JsonSchema>();
  readonly #names = new UniqueNames();
  readonly #pointer: string;

  /** @param pointer to the member of the document that holds the schemas, such as `#/$defs` */
  constructor(pointer: string) {
    this.#pointer = pointer;
  }

  /** By their names, in the order of their entries. */
  get schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries(this.#schemas);
  }

  /** Adds a schema, under the name itself if that can be a key and is free. */
  add(name: string, schema: JsonSchema): SchemaReference {
    const key = this.#names.add(name);
    const root = `${this.#pointer}/${key}`;
    // With a URI of its own, its references are right wherever it is.
    if ('$id' in schema) {
      this.#schemas.set(key, schema);
      return { key, schema: { $ref: root } };
    }
    const { $schema: _draft, definitions, $defs, ...own } = schema;
    const defined = Object.entries({ ...membersOf(definitions), ...membersOf($defs) });
    const keys = new Map(defined.map(([each]) => [each, this.#names.add(`${key}.${each}`)]));
    const moved = (reference: string) => this.#moved(reference, root, keys);
    this.#schemas.set(key, relocated(own, moved));
    for (const [each, definition] of defined)
      this.#schemas.set(keys.get(each) ?? each, relocated(membersOf(definition), moved));
    return { key, schema: { $ref: root } };
  }

  /** Where a reference within a schema leads, once the schema is in the document. */
  #moved(reference: string, root: string, keys: ReadonlyMap<string, string>): string {
    const [, name = '', rest = ''] =
      /^#\/(?:definitions|\$defs)\/([^/]+)(.*)$/su.exec(reference) ?? [];
    const key = keys.get(tokenOf(name));
    if (key !== undefined) return `${this.#pointer}/${key}${rest}`;
    return /^#(?:\/|$)/u.test(reference) ? `${root}${reference.slice(1)}` : reference;
  }
}

/** Members that hold data, which may look like a schema. */
const DATA: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** Members that hold schemas by names, which may be those of keywords. */
const MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependencies',
  'dependentSchemas',
]);

type Moved = (reference: string) => string;

function relocated(schema: JsonSchema, moved: Moved): JsonSchema {
  const members = Object.entries(schema).map(([keyword, value]) => {
    if (keyword === '$ref' && typeof value === 'string') return [keyword, moved(value)];
    if (DATA.has(keyword)) return [keyword, value];
    return [keyword, MAPS.has(keyword) ? mapped(value, moved) : within(value, moved)];
  });
  return Object.fromEntries(members) as JsonSchema;
}

function mapped(value: unknown, moved: Moved): unknown {
  const members = Object.entries(membersOf(value));
  return Object.fromEntries(members.map(([name, each]) => [name, within(each, moved)]));
}

function within(value: unknown, moved: Moved): unknown {
  if (Array.isArray(value)) return value.map((each) => within(each, moved));
  if (!isObject(value) || '$id' in value) return value;
  return relocated(value, moved);
}

/** A token of a JSON Pointer in a URI. Source: RFC 6901, sections 4 and 6. */
function tokenOf(text: string): string {
  return unescaped(text).replaceAll('~1', '/').replaceAll('~0', '~');
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
