import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { FreelanceContext } from 'nestjs-freelance';
import { defer, firstValueFrom, lastValueFrom, mergeMap, timer, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { Tracing } from '../support/tracing.js';

/** The span that is active now. */
const here = () => trace.getActiveSpan()?.spanContext().spanId;

const seen: Record<string, string | undefined> = {};

class Guard implements CanActivate {
  canActivate(_context: ExecutionContext) {
    seen.guard = here();
    return true;
  }
}

class Interceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler) {
    seen.interceptor = here();
    return next.handle();
  }
}

@UseGuards(Guard)
@UseInterceptors(Interceptor)
@Controller()
class Watched {
  @MessagePattern('value')
  async value() {
    seen.handler = here();
    await new Promise(setImmediate);
    seen.afterwards = here();
    return 'done';
  }

  @MessagePattern('observable')
  observable() {
    return timer(1).pipe(mergeMap(() => defer(() => [here(), here()])));
  }

  @MessagePattern('iterable')
  async *iterable() {
    for (let n = 0; n < 40; n++) {
      await new Promise(setImmediate);
      yield here();
    }
  }

  @MessagePattern('fails')
  fails() {
    throw new RpcException('no');
  }

  @MessagePattern('unreadable')
  unreadable() {
    const told = {};
    const error = new RpcException(told);
    Object.defineProperty(told, 'message', {
      get() {
        throw new Error('nobody reads me');
      },
    });
    throw error;
  }

  @MessagePattern('waits')
  waits(@Ctx() ctx: FreelanceContext) {
    seen.waits = here();
    return new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve('left')));
  }

  @EventPattern('noted')
  noted(@Payload() _data: unknown) {
    seen.event = here();
  }
}

async function serverSpan(tracing: Tracing) {
  return eventually(() => {
    const spans = tracing.spans.filter(({ kind }) => kind === SpanKind.SERVER);
    expect(spans).toHaveLength(1);
    const [span] = spans;
    if (!span) throw new Error('a span was expected');
    return span;
  });
}

test('the SERVER span is active in guard, interceptor and handler, before and after it waits', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched], { serverId: 'watched' });
  using client = connectTo(server.endpoints);
  await firstValueFrom(client.send('value', {}));
  const span = await serverSpan(tracing);
  const { spanId } = span.spanContext();
  expect(seen).toMatchObject({
    guard: spanId,
    interceptor: spanId,
    handler: spanId,
    afterwards: spanId,
  });
  expect(span.name).toBe('value');
  expect(span.attributes).toEqual({
    'rpc.system.name': 'nestjs-freelance',
    'rpc.method': 'value',
    'rpc.status_code': 'OK',
    'freelance.kind': 'call',
    'freelance.server.id': 'watched',
    'freelance.client.id': expect.any(String),
    'freelance.attempt.number': 1,
  });
  expect(span.links).toEqual([]);
});

test.each(['observable', 'iterable'])(
  'the SERVER span is active in an %s that a handler returns',
  async (pattern) => {
    await using tracing = new Tracing();
    await using server = await serve([Watched]);
    using client = connectTo(server.endpoints);
    const values = await lastValueFrom(client.send(pattern, {}).pipe(toArray()));
    const span = await serverSpan(tracing);
    expect(new Set(values)).toEqual(new Set([span.spanContext().spanId]));
  },
);

test('the SERVER span is active in the handler of an event', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  await firstValueFrom(client.emit('noted', {}), { defaultValue: undefined });
  const span = await serverSpan(tracing);
  expect(seen.event).toBe(span.spanContext().spanId);
  expect(span.attributes).toMatchObject({ 'freelance.kind': 'event' });
});

test('a pattern without a handler is _OTHER, and its span has the name of the system', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  const unknown = `unknown ${'x'.repeat(500)}`;
  await expect(firstValueFrom(client.send(unknown, {}))).rejects.toBeDefined();
  const span = await serverSpan(tracing);
  expect(span.name).toBe('nestjs-freelance');
  expect(span.attributes).toMatchObject({
    'rpc.method': '_OTHER',
    'rpc.method_original': unknown.slice(0, 256),
    'rpc.status_code': 'NO_HANDLER',
    'error.type': 'NO_HANDLER',
  });
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
  expect(await tracing.points('rpc.server.call.duration')).toMatchObject([
    { attributes: { 'rpc.method': '_OTHER', 'error.type': 'NO_HANDLER' } },
  ]);
});

test('a handler that fails is an error with its message', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  await expect(firstValueFrom(client.send('fails', {}))).rejects.toBeDefined();
  const span = await serverSpan(tracing);
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no' });
  expect(span.attributes).toMatchObject({ 'rpc.status_code': 'HANDLER', 'error.type': 'HANDLER' });
  expect(span.events.map(({ name }) => name)).toEqual(['exception']);
});

test('an error that cannot be read fails its call alone, whose span ends', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  await expect(firstValueFrom(client.send('unreadable', {}))).rejects.toBeDefined();
  const span = await serverSpan(tracing);
  expect(span.attributes).toMatchObject({ 'error.type': 'HANDLER' });
  expect(span.status.code).toBe(SpanStatusCode.ERROR);
  expect(await tracing.points('rpc.server.call.duration')).toHaveLength(1);
});

test('a call that nobody waits for any more is cancelled, which is no error', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  const waiting = client.send('waits', {}).subscribe();
  await eventually(() => expect(seen.waits).toBeDefined());
  waiting.unsubscribe();
  const span = await serverSpan(tracing);
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toMatchObject({ 'rpc.status_code': 'CANCELLED' });
});

test('ends at the server when its stream does', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  const values = await lastValueFrom(client.send('iterable', {}).pipe(toArray()));
  const span = await serverSpan(tracing);
  expect(values).toEqual(Array(40).fill(span.spanContext().spanId));
  expect(span.attributes).toMatchObject({ 'rpc.status_code': 'OK' });
});

test('ends at the server when its caller leaves its stream', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Watched]);
  using client = connectTo(server.endpoints);
  for await (const value of client.iterate('iterable', {})) if (value !== '') break;
  const span = await serverSpan(tracing);
  expect(span.attributes).toMatchObject({ 'rpc.status_code': 'CANCELLED' });
});
