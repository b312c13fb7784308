import { isError } from '../../is-error.js';
import { isJsonObject } from '../../protocol/text.js';
import type { StandardSchema } from '../standard-schema.js';

/** A JSON Schema, of whichever draft. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The draft of a JSON Schema, by the names of Standard JSON Schema. */
export type JsonSchemaDraft = 'draft-07' | 'draft-2020-12';

/** A schema as JSON Schema. Where it cannot be written, the one that allows everything, and why. */
export interface WrittenSchema {
  readonly schema: JsonSchema;
  /** Undefined if it was written; `none` if there is no schema to write. */
  readonly gap?: string;
}

/** The gap of an entry without a schema: its types are gone at run time. */
export const NO_SCHEMA = 'none';

/**
 * Writes a schema as JSON Schema, by Standard JSON Schema (https://standardschema.dev/json-schema): what a caller has to send
 * for the schema to accept it.
 */
export function writtenSchema(
  schema: StandardSchema | undefined,
  target: JsonSchemaDraft,
): WrittenSchema {
  try {
    const standard: MaybeConvertible | undefined = schema?.['~standard'];
    if (standard === undefined || standard.vendor === 'nestjs-freelance') return without(NO_SCHEMA);
    const { vendor, jsonSchema } = standard;
    if (typeof jsonSchema?.input !== 'function') return without(adviceFor(vendor));
    // As it will be printed: what is no JSON fails here, where its entry is known.
    const written: unknown = JSON.parse(JSON.stringify(jsonSchema.input({ target })) ?? 'null');
    return isJsonObject(written) ? { schema: written } : without('its library wrote no object');
  } catch (error) {
    return without(isError(error) ? error.message : String(error));
  }
}

interface MaybeConvertible {
  readonly vendor: string;
  readonly jsonSchema?: { readonly input?: (options: { target: string }) => unknown };
}

function without(gap: string): WrittenSchema {
  return { schema: {}, gap };
}

/** What to do for a library, or a version of it, without Standard JSON Schema. */
function adviceFor(vendor: string): string {
  return ADVICE[vendor] ?? `its library, ${vendor}, does not implement Standard JSON Schema`;
}

const ADVICE: Readonly<Record<string, string>> = {
  zod: 'zod does that since 4.2',
  arktype: 'ArkType does that since 2.1.28',
  valibot: 'valibot does that by toStandardJsonSchema(schema) of @valibot/to-json-schema',
};
