import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { SchemaCheck } from './schema-check.js';

/** Gives a handler what the schema of its payload yields. */
export class PayloadPipe implements PipeTransform {
  readonly #check: SchemaCheck;

  constructor(check: SchemaCheck) {
    this.#check = check;
  }

  /** Nest runs a method's pipes on each of its parameters. It calls the payload a body. */
  transform(value: unknown, { type }: ArgumentMetadata): unknown {
    return type === 'body' ? this.#check.run(value) : value;
  }
}
