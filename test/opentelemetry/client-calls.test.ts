import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { AlwaysOffSampler, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, from, lastValueFrom, NEVER, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { parentIn, Tracing } from '../support/tracing.js';

let onBehalfOf: (parent: FreelanceContext) => Promise<unknown> = () => Promise.resolve();

@Controller()
class Sums {
  @MessagePattern('forward')
  forward(@Ctx() ctx: FreelanceContext) {
    return onBehalfOf(ctx);
  }

  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @MessagePattern('metadata')
  metadata(@Ctx() ctx: FreelanceContext) {
    return ctx.getMetadata();
  }

  @MessagePattern('fails')
  fails() {
    throw new RpcException('no such number');
  }

  @MessagePattern('count')
  count() {
    return from([1, 2, 3]);
  }

  @MessagePattern('hangs')
  hangs() {
    return NEVER;
  }

  @EventPattern('noted')
  noted(@Payload() _data: unknown) {}
}

/** Answers neither `sum` nor `who`. */
@Controller()
class Hung {
  @MessagePattern('sum')
  sum() {
    return NEVER;
  }
}

const FIRST = { pick: <T>([first]: readonly [T, ...T[]]) => first };

const attributesOf = (span: ReadableSpan | undefined) => span?.attributes;

/** Waits for spans that end when the other side is told. */
const spansOf = (tracing: Tracing, count: number) =>
  eventually(() => {
    expect(tracing.spans.map(({ name }) => name)).toHaveLength(count);
    return tracing.spans;
  });

const byText = (a: unknown, b: unknown) => String(a).localeCompare(String(b));

const portOf = (endpoint: string | undefined) => Number(endpoint?.split(':').at(-1));

describe('a call', () => {
  test('is a CLIENT span with its attempt, whose child is the SERVER span', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums], { serverId: 'one' });
    using client = connectTo(server.endpoints, { name: 'gateway' });
    expect(await firstValueFrom(client.send('sum', [1, 2]))).toBe(3);
    const spans = await spansOf(tracing, 3);
    const call = spans.find(({ name, kind }) => name === 'sum' && kind === SpanKind.CLIENT);
    const attempt = spans.find(({ name }) => name === 'Attempt.sum');
    const atServer = spans.find(({ kind }) => kind === SpanKind.SERVER);
    expect(parentIn(spans, call)).toBeUndefined();
    expect(parentIn(spans, attempt)).toBe(call);
    expect(parentIn(spans, atServer)).toBe(attempt);
    const port = portOf(server.endpoints[0]);
    expect(attributesOf(call)).toEqual({
      'rpc.system.name': 'nestjs-freelance',
      'rpc.method': 'sum',
      'rpc.status_code': 'OK',
      'server.address': '127.0.0.1',
      'server.port': port,
      'freelance.kind': 'call',
      'freelance.client.name': 'gateway',
    });
    expect(attempt?.kind).toBe(SpanKind.CLIENT);
    expect(attributesOf(attempt)).toEqual({
      'rpc.system.name': 'nestjs-freelance',
      'rpc.method': 'sum',
      'server.address': '127.0.0.1',
      'server.port': port,
      'previous-rpc-attempts': 0,
      'transparent-retry': false,
      'freelance.server.id': 'one',
      'freelance.attempt.outcome': 'completed',
    });
    expect(spans.map(({ status }) => status.code)).toEqual([
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  test('is a child of the span that is active where it is made, and its own is not active for its subscriber', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    const outer = trace.getTracer('test').startSpan('outer');
    const seen = await context.with(trace.setSpan(ROOT_CONTEXT, outer), async () => {
      await firstValueFrom(client.send('sum', [1]));
      return trace.getActiveSpan();
    });
    expect(seen).toBe(outer);
    outer.end();
    const spans = await spansOf(tracing, 4);
    const call = spans.find(({ name, kind }) => name === 'sum' && kind === SpanKind.CLIENT);
    expect(parentIn(spans, call)?.name).toBe('outer');
  });

  test('that a handler fails has the status and an exception event', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    await expect(firstValueFrom(client.send('fails', {}))).rejects.toBeDefined();
    const call = (await spansOf(tracing, 3)).find(
      ({ name, kind }) => name === 'fails' && kind === SpanKind.CLIENT,
    );
    expect(call?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no such number' });
    expect(attributesOf(call)).toMatchObject({
      'rpc.status_code': 'HANDLER',
      'error.type': 'HANDLER',
    });
    expect(call?.events).toMatchObject([
      {
        name: 'exception',
        attributes: { 'exception.type': 'HANDLER', 'exception.message': 'no such number' },
      },
    ]);
  });

  test('that no server gets has the code of its error, and no attempt', async () => {
    await using tracing = new Tracing();
    using client = connectTo(['tcp://127.0.0.1:9'], { connectTimeout: 1 });
    await expect(firstValueFrom(client.send('sum', [1]))).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    const [call] = await spansOf(tracing, 1);
    expect(attributesOf(call)).toMatchObject({
      'rpc.status_code': 'ECONNREFUSED',
      'error.type': 'ECONNREFUSED',
    });
    expect(attributesOf(call)).not.toHaveProperty('server.address');
  });

  test('that cannot be sent has the name of its error, and no status code', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    await expect(firstValueFrom(client.send('sum', 1n))).rejects.toThrow(TypeError);
    const [call] = await spansOf(tracing, 1);
    expect(attributesOf(call)).toMatchObject({ 'error.type': 'TypeError' });
    expect(attributesOf(call)).not.toHaveProperty('rpc.status_code');
  });

  test('that its subscriber leaves is cancelled, which is no error', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    await client.connect();
    client.send('hangs', {}).subscribe().unsubscribe();
    const spans = await eventually(() => {
      const call = tracing.named('hangs').find(({ kind }) => kind === SpanKind.CLIENT);
      const [attempt] = tracing.named('Attempt.hangs');
      expect([call, attempt]).not.toContain(undefined);
      return [call, attempt];
    });
    expect(spans.map((span) => span?.status.code)).toEqual([
      SpanStatusCode.UNSET,
      SpanStatusCode.UNSET,
    ]);
    expect(spans[0]?.attributes).toMatchObject({ 'rpc.status_code': 'CANCELLED' });
    expect(spans[0]?.attributes).not.toHaveProperty('error.type');
    expect(spans[1]?.attributes).toMatchObject({ 'freelance.attempt.outcome': 'abandoned' });
  });
});

describe('several attempts', () => {
  test('of a call whose first server did not answer: a span each, and the event retry', async () => {
    await using tracing = new Tracing();
    await using hung = await serve([Hung], { serverId: 'hung' });
    await using well = await serve([Sums], { serverId: 'well' });
    using client = connectTo([...hung.endpoints, ...well.endpoints], {
      balancer: FIRST,
      requestTimeout: 1000,
    });
    await client.connect();
    await eventually(() =>
      expect(Object.values(client.stats().endpoints).map(({ state }) => state)).toEqual([
        'alive',
        'alive',
      ]),
    );
    expect(await firstValueFrom(client.send('sum', [4]))).toBe(4);
    const spans = await spansOf(tracing, 5);
    const call = spans.find(({ name, kind }) => name === 'sum' && kind === SpanKind.CLIENT);
    const attempts = spans
      .filter(({ name }) => name === 'Attempt.sum')
      .toSorted(
        (a, b) =>
          Number(a.attributes['previous-rpc-attempts']) -
          Number(b.attributes['previous-rpc-attempts']),
      );
    expect(attempts.map(({ attributes }) => attributes)).toMatchObject([
      {
        'freelance.server.id': 'hung',
        'previous-rpc-attempts': 0,
        'freelance.attempt.outcome': 'timed-out',
        'error.type': 'timed-out',
      },
      {
        'freelance.server.id': 'well',
        'previous-rpc-attempts': 1,
        'transparent-retry': false,
        'freelance.attempt.outcome': 'completed',
      },
    ]);
    expect(call?.events).toMatchObject([
      {
        name: 'retry',
        attributes: {
          'server.port': portOf(well.endpoints[0]),
          'freelance.attempt.number': 2,
          'freelance.previous.server.port': portOf(hung.endpoints[0]),
          'freelance.previous.outcome': 'timed-out',
        },
      },
    ]);
    // What was retried is no error of the call.
    expect(call?.status.code).toBe(SpanStatusCode.UNSET);
    const handled = spans.filter(({ kind }) => kind === SpanKind.SERVER);
    expect(handled.map((span) => parentIn(spans, span))).toEqual(
      handled.map(({ attributes }) =>
        attempts.find(
          (attempt) =>
            attempt.attributes['freelance.server.id'] === attributes['freelance.server.id'],
        ),
      ),
    );
    expect(await tracing.points('freelance.client.retries')).toMatchObject([
      { attributes: { 'rpc.method': 'sum' }, value: 1 },
    ]);
  });

  test('of a hedged call: the event hedge, and the attempt that lost is outrun', async () => {
    await using tracing = new Tracing();
    await using hung = await serve([Hung], { serverId: 'hung' });
    await using well = await serve([Sums], { serverId: 'well' });
    using client = connectTo([...hung.endpoints, ...well.endpoints], { balancer: FIRST });
    await client.connect();
    await eventually(() =>
      expect(Object.values(client.stats().endpoints).map(({ state }) => state)).toEqual([
        'alive',
        'alive',
      ]),
    );
    const hedged = new FreelanceRecordBuilder([5]).setHedge({ after: 20, max: 1 }).build();
    expect(await firstValueFrom(client.send('sum', hedged))).toBe(5);
    const spans = await spansOf(tracing, 5);
    const call = spans.find(({ name, kind }) => name === 'sum' && kind === SpanKind.CLIENT);
    expect(call?.events.map(({ name }) => name)).toEqual(['hedge']);
    const outcomes = tracing
      .named('Attempt.sum')
      .map(({ attributes }) => attributes['freelance.attempt.outcome']);
    expect(outcomes.toSorted(byText)).toEqual(['completed', 'outrun']);
    expect(await tracing.points('freelance.client.hedges')).toMatchObject([{ value: 1 }]);
  });

  test('of a broadcast: one CLIENT span, and one attempt with a SERVER span per server', async () => {
    await using tracing = new Tracing();
    await using a = await serve([Sums], { serverId: 'a' });
    await using b = await serve([Sums], { serverId: 'b' });
    using client = connectTo([...a.endpoints, ...b.endpoints]);
    const all = new FreelanceRecordBuilder([1]).setBroadcast().build();
    expect(await lastValueFrom(client.send('sum', all).pipe(toArray()))).toHaveLength(2);
    const spans = await spansOf(tracing, 5);
    const call = spans.find(({ name, kind }) => name === 'sum' && kind === SpanKind.CLIENT);
    expect(attributesOf(call)).toMatchObject({ 'freelance.broadcast': true });
    expect(attributesOf(call)).not.toHaveProperty('server.address');
    for (const id of ['a', 'b']) {
      const [attempt, handled] = [SpanKind.CLIENT, SpanKind.SERVER].map((kind) =>
        spans.find(
          (span) => span.kind === kind && attributesOf(span)?.['freelance.server.id'] === id,
        ),
      );
      expect(parentIn(spans, attempt)).toBe(call);
      expect(parentIn(spans, handled)).toBe(attempt);
    }
  });
});

describe('context travels', () => {
  test('with iterate: one span until its last value', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    const values: number[] = [];
    for await (const value of client.iterate<number>('count', {})) {
      values.push(value);
    }
    expect(values).toEqual([1, 2, 3]);
    const spans = await spansOf(tracing, 3);
    const handled = spans.find(({ kind }) => kind === SpanKind.SERVER);
    expect(parentIn(spans, handled)?.name).toBe('Attempt.count');
  });

  test('with an event: the SERVER span is a child, and has a link', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    await firstValueFrom(client.emit('noted', {}), { defaultValue: undefined });
    const spans = await spansOf(tracing, 3);
    const handled = spans.find(({ kind }) => kind === SpanKind.SERVER);
    const attempt = parentIn(spans, handled);
    expect(attempt?.name).toBe('Attempt.noted');
    expect(handled?.links.map((link) => link.context.spanId)).toEqual([
      attempt?.spanContext().spanId,
    ]);
  });

  test('with setParent, where no span is active', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    // A connection pool, or an emitter, may lose the async context of a handler.
    onBehalfOf = (parent) =>
      context.with(ROOT_CONTEXT, () =>
        firstValueFrom(
          client.send('sum', new FreelanceRecordBuilder([1]).setParent(parent).build()),
        ),
      );
    expect(await firstValueFrom(client.send('forward', {}))).toBe(1);
    const spans = await spansOf(tracing, 6);
    const call = spans.find(({ name, kind }) => name === 'sum' && kind === SpanKind.CLIENT);
    // The context that the handler was called with is that of the attempt which reached it.
    expect(parentIn(spans, call)?.name).toBe('Attempt.forward');
  });

  test('also of an unsampled trace, without a span', async () => {
    await using tracing = new Tracing({ sampler: new AlwaysOffSampler() });
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    const sent = await firstValueFrom(client.send<Record<string, string>>('metadata', {}));
    expect(sent.traceparent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/u);
    expect(tracing.spans).toEqual([]);
    expect(await tracing.points('rpc.client.call.duration')).toHaveLength(1);
    expect(await tracing.points('freelance.client.attempts')).toMatchObject([{ value: 1 }]);
  });

  test('but not where tracing is suppressed', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    const sent = await context.with(suppressTracing(ROOT_CONTEXT), () =>
      firstValueFrom(client.send<Record<string, string>>('metadata', {})),
    );
    expect(sent).toEqual({});
    await eventually(() => expect(tracing.named('metadata')).toHaveLength(1));
    expect(tracing.spans.map(({ kind }) => kind)).toEqual([SpanKind.SERVER]);
  });

  test('and what the call sets itself is sent instead', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    const own = { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` };
    const record = new FreelanceRecordBuilder({}).setMetadata(own).build();
    expect(await firstValueFrom(client.send('metadata', record))).toEqual(own);
    expect(tracing.spans).not.toEqual([]);
  });

  test('with baggage, and nothing but baggage where no SDK makes spans', async () => {
    await using tracing = new Tracing();
    await using server = await serve([Sums]);
    using client = connectTo(server.endpoints);
    const bags = propagation.createBaggage({ tenant: { value: 'blue' } });
    const sent = await context.with(propagation.setBaggage(ROOT_CONTEXT, bags), () =>
      firstValueFrom(client.send<Record<string, string>>('metadata', {})),
    );
    expect(sent).toMatchObject({ baggage: 'tenant=blue' });
    const [attempt] = await eventually(() => {
      const found = tracing.named('Attempt.metadata');
      expect(found).toHaveLength(1);
      return found;
    });
    expect(sent.traceparent).toContain(attempt?.spanContext().spanId);
  });
});
