import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';
import { ContractError } from '../../lib/contract/contract-error.js';
import { SchemaCheck } from '../../lib/contract/schema-check.js';
import type { StandardSchema } from '../../lib/contract/standard-schema.js';
import { uncaught } from '../support/uncaught.js';

const ENTRY = { contract: 'orders', entry: 'place' };

/** What a check of a value comes to. */
function outcome(
  schema: StandardSchema,
  value: unknown,
  subject: 'payload' | 'result' = 'payload',
) {
  const logged: unknown[] = [];
  const log = { error: (_kind: string, error: unknown) => logged.push(error) };
  const check = new SchemaCheck(ENTRY, subject, schema, log);
  try {
    return { value: check.run(value), logged };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { error, logged };
  }
}

function fail(): never {
  throw new Error('secret');
}

/** A schema by hand. */
const answering = (validate: (value: unknown) => unknown) =>
  ({ '~standard': { version: 1, vendor: 'test', validate } }) as StandardSchema;

/** The same schema in each library: counts as text become numbers. */
const LIBRARIES: Record<string, { counts: StandardSchema; later: StandardSchema }> = {
  zod: {
    counts: z.object({ items: z.array(z.object({ count: z.string().transform(Number) })) }),
    later: z.string().refine(async () => Promise.resolve(false)),
  },
  valibot: {
    counts: v.object({
      items: v.array(v.object({ count: v.pipe(v.string(), v.transform(Number)) })),
    }),
    later: v.pipeAsync(
      v.string(),
      v.checkAsync(async () => Promise.resolve(false)),
    ),
  },
  ArkType: {
    counts: type({ items: type({ count: type('string').pipe(Number) }).array() }),
    // ArkType has no asynchronous schemas: what a pipe returns is the value.
    later: answering(() => Promise.resolve({ value: 1 })),
  },
};

describe.each(Object.entries(LIBRARIES))('a schema of %s', (_library, { counts, later }) => {
  test('gives what it makes of a valid value', () => {
    expect(outcome(counts, { items: [{ count: '1' }, { count: '20' }] })).toEqual({
      value: { items: [{ count: 1 }, { count: 20 }] },
      logged: [],
    });
  });

  test('refuses an invalid value with its issues, each with its path', () => {
    const { error } = outcome(counts, { items: [{ count: '1' }, { count: 2 }, {}] });
    expect(error).toMatchObject({
      name: 'ContractError',
      code: 'INVALID_PAYLOAD',
      contract: 'orders',
      entry: 'place',
      issues: [{ path: ['items', 1, 'count'] }, { path: ['items', 2, 'count'] }],
    });
    expect(error?.message).toMatch(
      /^orders\.place: the payload is invalid: items\.1\.count: .+; items\.2\.count: .+$/,
    );
  });

  test('refuses the whole value without a path', () => {
    const { error } = outcome(counts, undefined);
    expect(error?.issues).toHaveLength(1);
    expect(error?.issues[0]).not.toHaveProperty('path');
  });

  test('has issues that JSON carries as they are', () => {
    const { error } = outcome(counts, { items: [null] });
    expect(JSON.parse(JSON.stringify(error?.getError()))).toEqual(error?.getError());
  });

  test('is refused itself if it is asynchronous', async () => {
    const caught = await uncaught(async () => {
      const { error, logged } = outcome(later, 'text');
      expect(error).toMatchObject({ code: 'INVALID_SCHEMA', issues: [] });
      expect(error?.message).toBe(
        'orders.place: the schema of the payload answered with a promise. ' +
          'If it is asynchronous, do look-ups in the handler. If it threw an error, the log of the server has that',
      );
      expect(logged).toEqual([error]);
      await Promise.resolve();
    });
    expect(caught).toEqual([]);
  });
});

describe('the check of an entry', () => {
  test('tells a result from a payload, and logs the former: it is the fault of the server', () => {
    const issues = [{ message: 'no' }];
    const payload = outcome(
      answering(() => ({ issues })),
      1,
    );
    expect(payload).toMatchObject({ error: { code: 'INVALID_PAYLOAD' }, logged: [] });
    const result = outcome(
      answering(() => ({ issues })),
      1,
      'result',
    );
    expect(result.error?.message).toBe('orders.place: the result is invalid: no');
    expect(result).toMatchObject({ error: { code: 'INVALID_RESULT' }, logged: [result.error] });
  });

  test.each([
    ['throws an error', new Error('secret')],
    ['throws anything', 'secret'],
    ['throws nothing', undefined],
  ])('of a schema that %s hides it from the caller, but not from the log', (_name, thrown) => {
    const { error, logged } = outcome(
      answering(() => {
        throw thrown;
      }),
      1,
    );
    expect(error?.getError()).toEqual({
      status: 'error',
      code: 'INVALID_SCHEMA',
      message:
        'orders.place: the schema of the payload threw an error, which is in the log of the server',
      ...ENTRY,
      issues: [],
    });
    expect(error?.cause).toBe(thrown);
    expect(logged).toEqual([error]);
  });

  test.each([
    ['a transformation', z.unknown().transform(fail)],
    ['a refinement', z.unknown().refine(fail)],
    ['zod 3', z3.unknown().transform(fail)],
  ])(
    'of %s of zod that throws does not hide that from the log: zod tries it again, asynchronously',
    async (_name, schema) => {
      const { error, logged } = outcome(schema, 1);
      expect(error?.code).toBe('INVALID_SCHEMA');
      expect(error?.message).toContain('If it threw an error, the log of the server has that');
      await new Promise(setImmediate);
      expect(logged).toEqual([
        error,
        expect.objectContaining({
          message: 'orders.place: the schema of the payload threw an error',
          cause: new Error('secret'),
        }),
      ]);
      expect(JSON.stringify(error?.getError())).not.toContain('secret');
    },
  );

  test('catches what an asynchronous schema rejects with, and does not wait for one that hangs', async () => {
    const caught = await uncaught(async () => {
      const rejecting = outcome(
        answering(() => Promise.reject(new Error('nobody waits'))),
        1,
      );
      expect(rejecting.error?.code).toBe('INVALID_SCHEMA');
      const hanging = outcome(
        answering(() => new Promise(() => {})),
        1,
      );
      expect(hanging.error?.code).toBe('INVALID_SCHEMA');
      const thenable = {
        // oxlint-disable-next-line unicorn/no-thenable -- that is what it is
        then() {
          throw new Error('then');
        },
      };
      expect(
        outcome(
          answering(() => thenable),
          1,
        ).error?.code,
      ).toBe('INVALID_SCHEMA');
      await Promise.resolve();
    });
    expect(caught).toEqual([]);
  });

  test.each([
    undefined,
    null,
    true,
    'valid',
    {},
    { issues: undefined },
    { issues: 'none' },
    { issues: true },
    { issues: {} },
    { issues: [null] },
    { issues: ['no'] },
    { issues: [{}] },
    { issues: [{ message: 7 }] },
    { issues: [{ message: 'no', path: 'items' }] },
  ])('refuses the answer %j', (answer) => {
    const { error } = outcome(
      answering(() => answer),
      1,
    );
    expect(error?.code).toBe('INVALID_SCHEMA');
    expect(error?.message).toContain('answered neither a value nor issues');
  });

  test('refuses an answer that throws when it is read', () => {
    const { error } = outcome(
      answering(() => ({
        get issues(): never {
          throw new Error('no');
        },
      })),
      1,
    );
    expect(error?.message).toContain('threw an error');
  });

  test('takes undefined for a value if the schema says so', () => {
    expect(
      outcome(
        answering(() => ({ value: undefined })),
        1,
      ),
    ).toEqual({ value: undefined, logged: [] });
  });

  test('takes a value for invalid even if no issue says why', () => {
    const { error } = outcome(
      answering(() => ({ issues: [] })),
      1,
    );
    expect(error?.message).toBe('orders.place: the payload is invalid');
  });

  test('calls the schema as its method', () => {
    class Props {
      readonly version = 1;
      readonly vendor = 'test';
      readonly #added = 1;

      validate(value: number) {
        return { value: value + this.#added };
      }
    }
    const schema = { '~standard': new Props() } as unknown as StandardSchema;
    expect(outcome(schema, 1).value).toBe(2);
  });
});
