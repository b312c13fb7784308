import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Transport, type TcpContext } from '@nestjs/microservices';
import { FREELANCE_TRANSPORT } from 'nestjs-freelance';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { outcomeOf, type Parity, serveBoth } from '../support/parity.js';

@Controller()
class PatternsController {
  @MessagePattern('text')
  text(@Ctx() context: TcpContext) {
    return ['text', context.getPattern()];
  }

  @MessagePattern('')
  empty(@Ctx() context: TcpContext) {
    return ['empty', context.getPattern()];
  }

  @MessagePattern('grüße.*.🌍 "quoted" \\ \n')
  unusual(@Ctx() context: TcpContext) {
    return ['unusual', context.getPattern()];
  }

  @MessagePattern(7)
  number(@Ctx() context: TcpContext) {
    return ['number', context.getPattern()];
  }

  @MessagePattern({ cmd: 'sum', version: 2 })
  object(@Ctx() context: TcpContext) {
    return ['object', context.getPattern()];
  }

  @MessagePattern({ cmd: { name: 'sum', of: { what: 'numbers' } }, version: '2' })
  nested(@Ctx() context: TcpContext) {
    return ['nested', context.getPattern()];
  }

  @MessagePattern(['one of', { several: true }])
  several(@Ctx() context: TcpContext) {
    return ['several', context.getPattern()];
  }

  @MessagePattern('twice')
  first() {
    return 'first';
  }

  @MessagePattern('twice')
  second() {
    return 'second';
  }

  @MessagePattern('only freelance', FREELANCE_TRANSPORT)
  onlyFreelance() {
    return 'freelance';
  }

  @MessagePattern('only tcp', Transport.TCP)
  onlyTcp() {
    return 'tcp';
  }

  @MessagePattern('each its own', Transport.TCP)
  ofTcp() {
    return 'tcp';
  }

  @MessagePattern('each its own', FREELANCE_TRANSPORT)
  ofFreelance() {
    return 'freelance';
  }
}

let both: Parity;

beforeAll(async () => {
  both = await serveBoth({ controllers: [PatternsController] });
});

afterAll(() => both[Symbol.asyncDispose]());

const NO_HANDLER = 'There is no matching message handler defined in the remote service.';

test.each<[what: string, pattern: unknown, handler: string]>([
  ['text', 'text', 'text'],
  ['text that is quoted as in JSON', '"text"', 'text'],
  ['no text', '', 'empty'],
  ['text with all kinds of characters', 'grüße.*.🌍 "quoted" \\ \n', 'unusual'],
  ['a number', 7, 'number'],
  ['text that looks like a number', '7', 'number'],
  ['text that looks like a number, in another way', '7.0', 'number'],
  ['an object', { cmd: 'sum', version: 2 }, 'object'],
  ['an object in another order', { version: 2, cmd: 'sum' }, 'object'],
  ['text that looks like an object', '{"version": 2, "cmd": "sum"}', 'object'],
  [
    'an object in an object',
    { version: '2', cmd: { of: { what: 'numbers' }, name: 'sum' } },
    'nested',
  ],
  ['one of several patterns', 'one of', 'several'],
  ['another of several patterns', { several: true }, 'several'],
])(
  '%s reaches its handler, which sees the pattern as over TCP',
  async (_what, pattern, handler) => {
    const { values } = await both.outcome(pattern);
    expect(values).toMatchObject([[handler, expect.any(String)]]);
  },
);

test.each<[what: string, pattern: unknown]>([
  ['text', 'unknown'],
  ['text in another case', 'Text'],
  ['text with a space more', 'text '],
  ['text that starts a pattern', 'tex'],
  ['an object', { cmd: 'unknown' }],
  ['an object with a member more', { cmd: 'sum', version: 2, more: 1 }],
  ['an object with a member less', { cmd: 'sum' }],
  ['an object whose number is text', { cmd: 'sum', version: '2' }],
  ['an empty object', {}],
  ['a number', 8],
  ['true', true],
  ['text that looks like null', 'null'],
  ['text that looks like an array', '[1]'],
  ['a name that every object has', 'constructor'],
  ['another name that every object has', '__proto__'],
  ['an array', ['text']],
  ['an empty array', []],
  ['an object deeper than Nest reads', deep(10)],
  ['an object deeper than the protocol allows', deep(100)],
  ['an object with more members than Nest reads', wide(30)],
])('a call without a handler for %s gets Nest’s message', async (_what, pattern) => {
  expect(await both.outcome(pattern)).toEqual({ values: [], error: NO_HANDLER });
});

test.each([null, undefined])('the pattern %s fails its call at once', async (pattern) => {
  const { values, error } = await both.outcome(pattern);
  expect(values).toEqual([]);
  expect(error).toMatchObject({ message: 'The invalid data or message pattern (undefined/null)' });
});

test('a pattern that cannot be serialized fails only its own call, at the client', async () => {
  const { error } = await outcomeOf(both.freelance, { big: 1n }, {});
  expect(error).toBeInstanceOf(TypeError);
  expect(both.freelance.stats().pending).toBe(0);
  expect(await both.outcome('text')).toMatchObject({ values: [['text', 'text']] });
});

test('the later one of two handlers of a pattern serves it', async () => {
  expect(await both.outcome('twice')).toEqual({ values: ['second'] });
});

test('a handler for one transport is not served over the other', async () => {
  expect(await both.outcomes('only freelance')).toEqual({
    tcp: { values: [], error: NO_HANDLER },
    freelance: { values: ['freelance'] },
  });
  expect(await both.outcomes('only tcp')).toEqual({
    tcp: { values: ['tcp'] },
    freelance: { values: [], error: NO_HANDLER },
  });
  expect(await both.outcomes('each its own')).toEqual({
    tcp: { values: ['tcp'] },
    freelance: { values: ['freelance'] },
  });
});

function deep(levels: number): object {
  return levels === 0 ? {} : { a: deep(levels - 1) };
}

function wide(members: number): object {
  return Object.fromEntries(Array.from({ length: members }, (_, index) => [`member ${index}`, 1]));
}
