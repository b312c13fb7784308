// The apps do not have it: the tests of lib/contract use the real one.

declare module 'zod' {
  import type { SchemaInput, SchemaOutput, StandardSchema } from 'nestjs-freelance/contract';

  interface Schema<Input, Output = Input> extends StandardSchema<Input, Output> {
    default(value: Output): Schema<Input | undefined, Output>;
  }

  type Shape = Readonly<Record<string, StandardSchema>>;

  export const z: {
    string(): Schema<string>;
    number(): Schema<number>;
    object<Members extends Shape>(
      members: Members,
    ): Schema<
      { [Name in keyof Members]: SchemaInput<Members[Name]> },
      { [Name in keyof Members]: SchemaOutput<Members[Name]> }
    >;
  };
}
