import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../lib/contract/contract.js';
import { event, rpc, stream, unchecked } from '../../lib/contract/entries.js';

const badOptions = (message: string) => expect.objectContaining({ code: 'BAD_OPTIONS', message });

/** Makes a contract as JavaScript can: past the compiler. */
const made = contract as (name: unknown, entries: unknown) => unknown;
const entry = rpc as (options?: unknown) => unknown;

describe('a contract', () => {
  test('has a pattern for each entry, by its name or by the option pattern', () => {
    const { patterns, name } = contract('orders', {
      place: rpc<string>({ atMostOnce: true }),
      list: stream<string, string>({ pattern: 'list-orders' }),
      cancelled: event<string>({ pattern: { event: 'cancelled', version: 2 } }),
    });
    expect(name).toBe('orders');
    expect(patterns).toEqual({
      place: 'orders.place',
      list: 'list-orders',
      cancelled: { event: 'cancelled', version: 2 },
    });
  });

  test('does not change when what it was made of does', () => {
    const pattern = { cmd: 'place', of: { version: 1 } };
    const entries = { place: rpc({ pattern }) };
    const orders = contract('orders', entries);
    pattern.cmd = 'other';
    pattern.of.version = 2;
    Object.assign(entries, { more: rpc() });
    expect(orders.patterns).toEqual({ place: { cmd: 'place', of: { version: 1 } } });
    expect(Object.keys(orders.entries)).toEqual(['place']);
    const { of } = orders.patterns.place as typeof pattern;
    for (const part of [orders, orders.entries, orders.patterns, orders.patterns.place, of]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('takes the schemas of any library, also those that are functions', () => {
    const entries = {
      zod: rpc({ payload: z.string(), result: z.string() }),
      valibot: rpc({ payload: v.string(), result: v.string() }),
      arktype: rpc({ payload: type('string'), result: type('string') }),
      none: rpc({ payload: unchecked<string>() }),
    };
    expect(Object.keys(contract('all', entries).patterns)).toEqual(Object.keys(entries));
  });

  test('may share an entry with another contract', () => {
    const ping = rpc();
    expect(contract('one', { ping }).patterns.ping).toBe('one.ping');
    expect(contract('two', { ping }).patterns.ping).toBe('two.ping');
  });
});

describe('a contract must have', () => {
  test.each([
    ['', '""'],
    [7, '7'],
    [undefined, 'undefined'],
    ['two\nlines', String.raw`"two\nlines"`],
    ['x'.repeat(201), `"${'x'.repeat(100)}…"`],
  ])('a name of 1 to 200 plain characters, not %j', (name, shown) => {
    expect(() => made(name, {})).toThrow(
      badOptions(
        `The name of a contract must be a string of 1 to 200 characters without control characters, but is ${shown}.`,
      ),
    );
  });

  test.each([
    [undefined, 'undefined'],
    [[rpc()], 'a list'],
    [new Map(), 'an object of the class Map'],
    ['place', '"place"'],
  ])('an object of entries, not %o', (entries, shown) => {
    expect(() => made('orders', entries)).toThrow(
      badOptions(`Contract orders: its entries must be an object, but are ${shown}.`),
    );
  });

  test.each([
    [rpc, 'a function'],
    [undefined, 'undefined'],
    ['rpc', '"rpc"'],
    [z.string(), 'an object of the class ZodString'],
    [{ kind: 'call', options: {} }, 'an object'],
    [{ kind: 'toString', options: {} }, 'an object'],
    [{ kind: 'rpc' }, 'an object'],
  ])('entries made for it, not %o', (place, shown) => {
    expect(() => made('orders', { place })).toThrow(
      badOptions(
        `Contract orders, entry place: it must be made by rpc(), stream() or event(), but is ${shown}.`,
      ),
    );
  });

  test('entries whose names are plain', () => {
    const wrong = /^Contract orders: the name of an entry must be a string/;
    expect(() => made('orders', { '': rpc() })).toThrow(wrong);
    expect(() => made('orders', { 'two\nlines': rpc() })).toThrow(wrong);
    expect(() => made('orders', { [Symbol('place')]: rpc() })).toThrow(wrong);
  });

  test.each([
    'then',
    'toJSON',
    'constructor',
    'toString',
    '__proto__',
    'hasOwnProperty',
    'onModuleInit',
    'onApplicationShutdown',
  ])('no entry called %s', (name) => {
    expect(() => made('orders', { [name]: rpc() })).toThrow(
      badOptions(`Contract orders: no entry can have the name ${name}. Give it another one.`),
    );
  });

  test('no such entry to the compiler, either', () => {
    // @ts-expect-error -- Nest would call it
    expect(() => contract('orders', { onModuleInit: rpc() })).toThrow('no entry can have');
    // @ts-expect-error -- `rpc` itself is no entry
    expect(() => contract('orders', { place: rpc })).toThrow('it must be made by rpc()');
  });

  test.each([
    [
      { place: rpc({ pattern: 'orders.list' }), list: stream<string, string>() },
      'the entries place and list have one pattern, orders.list',
    ],
    [
      { one: rpc({ pattern: { b: 1, a: 2 } }), two: event({ pattern: '{"a":2,"b":1}' }) },
      'the entries one and two have one pattern, {"a":2,"b":1}',
    ],
    [
      { one: rpc({ pattern: '"text"' }), two: rpc({ pattern: 'text' }) },
      'the entries one and two have one pattern, text',
    ],
  ])('patterns that differ: %#', (entries, message) => {
    expect(() => made('orders', entries)).toThrow(
      badOptions(`Contract orders: ${message}. Give one of them another.`),
    );
  });
});

describe('an entry must have', () => {
  test.each([
    ['', 'must not be empty'],
    [{}, 'must not be an object without members'],
    [7, 'must be a string or an object, but is 7'],
    [() => 'place', 'must be a string or an object, but is a function'],
    [['place'], 'must be a string or an object, but is a list'],
    ['x'.repeat(16_385), 'must have at most 16384 characters'],
    ['PING', 'must not be "PING", which is reserved'],
    ['REQUEST', 'must not be "REQUEST", which is reserved'],
    ['"PING"', 'must not be "PING", which is reserved'],
    ['$freelance.info', 'must not be "$freelance.info", which is reserved'],
    [String.raw`"\u0024freelance.mine"`, 'must not be "$freelance.mine", which is reserved'],
  ])('a pattern that can be served, not %j', (pattern, message) => {
    expect(() => made('orders', { place: entry({ pattern }) })).toThrow(
      badOptions(`Contract orders, entry place: its pattern ${message}.`),
    );
  });

  test.each([
    ['a number that JSON lacks', { cmd: Number.NaN }],
    ['what JSON lacks', { cmd: 1n }],
    ['nothing', { cmd: undefined }],
    ['too many members', Object.fromEntries(Array.from({ length: 21 }, (_, index) => [index, 1]))],
    ['too many levels', { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } }],
  ])('a pattern that Nest tells from others, not an object with %s', (_what, pattern) => {
    expect(() => made('orders', { place: entry({ pattern }) })).toThrow(
      /^Contract orders, entry place: its pattern must be an object of strings, numbers, .+ Nest does not tell others apart\.$/,
    );
  });

  test('a pattern as large as Nest tells from others', () => {
    const wide = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index, 1]));
    const deep = { a: { a: { a: { a: { a: { a: 1 } } } } } };
    const { patterns } = contract('orders', {
      wide: rpc({ pattern: wide }),
      deep: rpc({ pattern: deep }),
    });
    expect(patterns).toEqual({ wide, deep });
  });

  test('a pattern that is no circle', () => {
    const pattern: Record<string, unknown> = {};
    pattern['self'] = pattern;
    expect(() => made('orders', { place: entry({ pattern }) })).toThrow(/its pattern must be/);
  });

  test.each([
    ['text', 'options must be an object, but are "text"'],
    [null, 'options must be an object, but are null'],
    [
      { atMostOnc: true },
      'there is no option "atMostOnc". The options are pattern, atMostOnce, description, payload, result',
    ],
    [{ atMostOnce: 'yes' }, 'atMostOnce must be true or false, but is "yes"'],
    [{ description: 7 }, 'description must be a string, but is 7'],
  ])('options as they are, not %o', (options, message) => {
    expect(() => made('orders', { place: entry(options) })).toThrow(
      badOptions(`Contract orders, entry place: ${message}.`),
    );
  });

  test('no result if it is an event', () => {
    const options = { payload: z.string(), result: z.string() };
    expect(() => made('orders', { told: event(options as never) })).toThrow(
      badOptions(
        'Contract orders, entry told: there is no option "result". The options are pattern, atMostOnce, description, payload.',
      ),
    );
  });

  test.each([
    [{ type: 'string' }, 'an object'],
    ['string', '"string"'],
    [null, 'null'],
    [String, 'a function'],
    [{ '~standard': { version: 1 } }, 'an object'],
  ])('schemas that are Standard Schemas, not %o', (schema, shown) => {
    const must =
      'must be a Standard Schema: of zod 3.24 or later, valibot 1, ArkType 2, or another';
    for (const name of ['payload', 'result']) {
      expect(() => made('orders', { place: entry({ [name]: schema }) })).toThrow(
        badOptions(`Contract orders, entry place: ${name} ${must}, but is ${shown}.`),
      );
    }
  });

  test('schemas of version 1, which can be read', () => {
    const later = { '~standard': { version: 2, vendor: 'x', validate: () => ({}) } };
    expect(() => made('orders', { place: entry({ payload: later }) })).toThrow(
      badOptions(
        'Contract orders, entry place: payload must be a Standard Schema of version 1, not 2, but is an object.',
      ),
    );
    const broken = {
      get '~standard'(): never {
        throw new Error('broken');
      },
    };
    expect(() => made('orders', { place: entry({ result: broken }) })).toThrow(
      badOptions(
        'Contract orders, entry place: result must be a Standard Schema, and readable ("broken"), but is an object.',
      ),
    );
  });
});
