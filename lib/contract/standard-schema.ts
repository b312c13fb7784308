/**
 * A schema of zod, valibot, ArkType or any other library of the Standard Schema specification, version 1.
 *
 * The interface stands here as the specification asks for (https://standardschema.dev): it names no package, and a type with
 * the same members is the same type.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** What the specification asks for. */
  readonly '~standard': StandardSchemaProps<Input, Output>;
}

/** The members of `~standard`. */
export interface StandardSchemaProps<Input = unknown, Output = Input> {
  /** The version of the specification. */
  readonly version: 1;
  /** The name of its library. */
  readonly vendor: string;
  /** Returns what the schema makes of a valid value, or what is wrong with it. Contracts refuse a promise. */
  readonly validate: (
    value: unknown,
  ) => StandardSchemaResult<Output> | Promise<StandardSchemaResult<Output>>;
  /** For the compiler alone: it may be missing when the program runs. */
  readonly types?:
    | {
        /** What goes in. */
        readonly input: Input;
        /** What comes out. */
        readonly output: Output;
      }
    | undefined;
}

/** What a schema answers: a value, or issues. */
export type StandardSchemaResult<Output> =
  | {
      /** What the schema has made of the value. */
      readonly value: Output;
      /** A valid value has none. */
      readonly issues?: undefined;
    }
  | {
      /** What is wrong with the value. */
      readonly issues: readonly StandardSchemaIssue[];
    };

/** What is wrong, and where. */
export interface StandardSchemaIssue {
  /** For people. */
  readonly message: string;
  /** The members that lead there, from the outside in. @default the value as a whole */
  readonly path?:
    | readonly (
        | PropertyKey
        | {
            /** The name of the member, or its index. */
            readonly key: PropertyKey;
          }
      )[]
    | undefined;
}

/** What goes into a schema: what a caller passes. */
export type SchemaInput<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['input'];

/** What comes out of it: what a handler gets. */
export type SchemaOutput<Schema extends StandardSchema> = NonNullable<
  Schema['~standard']['types']
>['output'];
