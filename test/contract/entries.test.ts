// oxlint-disable vitest/expect-expect -- the compiler checks some of what these tests say
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../lib/contract/contract.js';
import { type ContractEntry, event, rpc, stream, unchecked } from '../../lib/contract/entries.js';
import type { StandardSchema } from '../../lib/contract/standard-schema.js';

const text = z.string().transform(Number);

describe('an entry', () => {
  test('without types or schemas passes nothing and gives nothing, in a contract as well', () => {
    const { entries } = contract('all', {
      call: rpc(),
      once: rpc({ atMostOnce: true }),
      told: event(),
    });
    expectTypeOf(entries.call).toEqualTypeOf<ContractEntry<'rpc', void, void, void>>();
    expectTypeOf(entries.once).toEqualTypeOf<ContractEntry<'rpc', void, void, void>>();
    expectTypeOf(entries.told).toEqualTypeOf<ContractEntry<'event', void, void, void>>();
    expectTypeOf(rpc<1>()).toEqualTypeOf<ContractEntry<'rpc', 1, 1, void>>();
  });

  test('has the types of its schemas: what goes in at the caller, what comes out at the handler', () => {
    const { entries } = contract('all', {
      both: rpc({ payload: text, result: text }),
      payload: rpc({ payload: text }),
      result: rpc({ result: text }),
      half: rpc({ payload: text, result: unchecked<boolean>() }),
      values: stream({ result: text }),
      some: stream({ payload: text, result: text }),
      told: event({ payload: text }),
    });
    expectTypeOf(entries.both).toEqualTypeOf<ContractEntry<'rpc', string, number, string>>();
    expectTypeOf(entries.payload).toEqualTypeOf<ContractEntry<'rpc', string, number, void>>();
    expectTypeOf(entries.result).toEqualTypeOf<ContractEntry<'rpc', void, void, string>>();
    expectTypeOf(entries.half).toEqualTypeOf<ContractEntry<'rpc', string, number, boolean>>();
    expectTypeOf(entries.values).toEqualTypeOf<ContractEntry<'stream', void, void, string>>();
    expectTypeOf(entries.some).toEqualTypeOf<ContractEntry<'stream', string, number, string>>();
    expectTypeOf(entries.told).toEqualTypeOf<ContractEntry<'event', string, number, void>>();
  });

  test('does not compile with options that its kind does not have', () => {
    // @ts-expect-error -- a typing error
    rpc({ atMostOnc: true });
    // @ts-expect-error -- an event has no result
    event({ payload: text, result: text });
    // @ts-expect-error -- a stream is a stream of something
    stream({ payload: text });
    // @ts-expect-error -- two sources of one type
    rpc<string, string>({ payload: text });
    // @ts-expect-error -- no schema
    rpc({ payload: { type: 'string' } });
  });

  test('is frozen, and keeps its options as they were', () => {
    const options = { atMostOnce: true };
    const entry = rpc(options);
    options.atMostOnce = false;
    expect(entry.options).toEqual({ atMostOnce: true });
    expect(() => Object.assign(entry, { kind: 'event' })).toThrow(TypeError);
    expect(() => Object.assign(entry.options, options)).toThrow(TypeError);
  });
});

test('unchecked accepts every value, and is of the type that it is given', () => {
  const schema = unchecked<{ id: number }>();
  expectTypeOf(schema).toEqualTypeOf<StandardSchema<{ id: number }>>();
  expect(schema['~standard'].validate('anything')).toEqual({ value: 'anything' });
});
