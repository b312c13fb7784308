import { Controller, Logger } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { diag, DiagLogLevel, metrics, trace } from '@opentelemetry/api';
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation';
import { firstValueFrom, Subject } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FreelanceInstrumentation } from '../../lib/opentelemetry/index.js';
import type { FreelanceInstrumentationConfig } from '../../lib/opentelemetry/instrumentation-config.js';
import {
  clientAttempts,
  clientCalls,
  isTraced,
  serverCalls,
} from '../../lib/telemetry/channels.js';
import { hasInstruments } from '../../lib/telemetry/instruments.js';
import { eventually } from '../support/eventually.js';
import { FakeDiscovery } from '../support/fake-discovery.js';
import { connectTo, serve } from '../support/nest.js';
import { Tracing } from '../support/tracing.js';

const opened = new Subject<void>();

@Controller()
class Answering {
  @MessagePattern('answer')
  answer() {
    return 42;
  }

  @MessagePattern('waits')
  waits() {
    return firstValueFrom(opened, { defaultValue: undefined });
  }
}

const listens = () => [clientCalls, clientAttempts, serverCalls].some((each) => isTraced(each));

afterEach(() => {
  expect([hasInstruments(), listens()]).toEqual([false, false]);
});

describe('registration', () => {
  test('has the interface of @opentelemetry/instrumentation', () => {
    const instrumentation: Instrumentation = new FreelanceInstrumentation({ enabled: false });
    expect(instrumentation.instrumentationName).toBe('nestjs-freelance/opentelemetry');
    expect(instrumentation.instrumentationVersion).toMatch(/^\d+\.\d+\.\d+/u);
    expect(instrumentation.getConfig()).toEqual({ enabled: false });
  });

  test('by registerInstrumentations turns it on, and what that returns turns it off', () => {
    const instrumentation = new FreelanceInstrumentation({ enabled: false });
    expect(hasInstruments()).toBe(false);
    const unload = registerInstrumentations({ instrumentations: [instrumentation] });
    expect([hasInstruments(), instrumentation.getConfig()]).toEqual([true, { enabled: true }]);
    unload();
    expect(instrumentation.getConfig()).toEqual({ enabled: false });
  });

  test('twice records each call once', async () => {
    await using tracing = new Tracing();
    tracing.instrumentation.enable();
    registerInstrumentations({ instrumentations: [tracing.instrumentation] });
    await using server = await serve([Answering]);
    using client = connectTo(server.endpoints);
    await firstValueFrom(client.send('answer', {}));
    await eventually(() => expect(tracing.spans).toHaveLength(3));
    expect(await tracing.points('rpc.client.call.duration')).toMatchObject([
      { value: { count: 1 } },
    ]);
  });

  test('after clients and servers were made and used', async () => {
    await using tracing = new Tracing({ enabled: false });
    await using server = await serve([Answering]);
    using client = connectTo(server.endpoints);
    await firstValueFrom(client.send('answer', {}));
    tracing.instrumentation.setTracerProvider(trace.getTracerProvider());
    tracing.instrumentation.setMeterProvider(metrics.getMeterProvider());
    tracing.instrumentation.enable();
    await firstValueFrom(client.send('answer', {}));
    await eventually(() => expect(tracing.spans).toHaveLength(3));
    expect(await tracing.points('freelance.client.servers')).toContainEqual({
      attributes: { 'freelance.server.state': 'alive' },
      value: 1,
    });
  });
});

test('a call that is open when it is turned off is recorded to its end, and no other is', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Answering]);
  using client = connectTo(server.endpoints);
  const open = firstValueFrom(client.send('waits', {}));
  await eventually(() => expect(opened.observed).toBe(true));
  tracing.instrumentation.disable();
  await firstValueFrom(client.send('answer', {}));
  expect([tracing.spans, listens()]).toEqual([[], true]);
  opened.next();
  await open;
  await eventually(() => expect(tracing.spans).toHaveLength(3));
  await eventually(() => expect(listens()).toBe(false));
});

test('a call whose pattern is ignored since it was made is recorded to its end', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Answering]);
  using client = connectTo(server.endpoints);
  const open = firstValueFrom(client.send('waits', {}));
  await eventually(() => expect(opened.observed).toBe(true));
  tracing.instrumentation.setConfig({ ignorePatterns: ['waits'] });
  opened.next();
  await open;
  await eventually(() => expect(tracing.spans).toHaveLength(3));
});

test('a propagator that throws harms no call, whose spans end', async () => {
  const fails = () => {
    throw new Error('of the propagator');
  };
  await using tracing = new Tracing({
    propagator: { inject: fails, extract: fails, fields: () => [] },
  });
  await using server = await serve([Answering]);
  using client = connectTo(server.endpoints);
  expect(await firstValueFrom(client.send('answer', {}))).toBe(42);
  await eventually(() => expect(tracing.named('answer')).not.toEqual([]));
  await eventually(() => expect(tracing.named('Attempt.answer')).toHaveLength(1));
});

test('ignored patterns are left alone at both ends', async () => {
  await using tracing = new Tracing({ ignorePatterns: ['waits', /^ans/gu] });
  await using server = await serve([Answering]);
  using client = connectTo(server.endpoints);
  const logged = vi.spyOn(Logger.prototype, 'error');
  for (let n = 0; n < 2; n++) await firstValueFrom(client.send('answer', {}));
  // As of a hook that does not call `next`.
  expect(logged).not.toHaveBeenCalled();
  expect(tracing.spans).toEqual([]);
  expect(await tracing.points('rpc.server.call.duration')).toEqual([]);
});

test('hooks add attributes, and one that throws harms no call', async () => {
  await using tracing = new Tracing({
    clientCallHook: (span, { client }) => span.setAttribute('caller', client.name),
    serverCallHook: () => {
      throw new Error('of the hook');
    },
  });
  await using server = await serve([Answering]);
  using client = connectTo(server.endpoints, { name: 'me' });
  expect(await firstValueFrom(client.send('answer', {}))).toBe(42);
  await eventually(() => expect(tracing.spans).toHaveLength(3));
  expect(tracing.spans.map(({ attributes }) => attributes.caller)).toContain('me');
});

test('its metrics are those of the conventions, in seconds and with their buckets', async () => {
  await using tracing = new Tracing();
  await using server = await serve([Answering]);
  using client = connectTo(server.endpoints, { name: 'gateway' });
  await firstValueFrom(client.send('answer', {}));
  const port = Number(server.endpoints[0]?.split(':').at(-1));
  const method = { 'rpc.system.name': 'nestjs-freelance', 'rpc.method': 'answer' };
  const at = { 'server.address': '127.0.0.1', 'server.port': port };
  await eventually(async () =>
    expect(await tracing.points('rpc.server.call.duration')).toMatchObject([
      { attributes: { ...method, 'rpc.status_code': 'OK' }, value: { count: 1 } },
    ]),
  );
  const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
  expect(await tracing.points('rpc.client.call.duration')).toMatchObject([
    {
      attributes: { ...method, ...at, 'rpc.status_code': 'OK' },
      value: { count: 1, buckets: { boundaries } },
    },
  ]);
  expect(await tracing.points('freelance.client.attempts')).toEqual([
    {
      attributes: {
        'rpc.system.name': 'nestjs-freelance',
        ...at,
        'freelance.attempt.outcome': 'completed',
      },
      value: 1,
    },
  ]);
  expect(await tracing.points('freelance.client.pending')).toEqual([
    { attributes: { 'freelance.client.name': 'gateway' }, value: 0 },
  ]);
  const states = await tracing.points('freelance.client.servers');
  expect(
    Object.fromEntries(
      states.map(({ attributes, value }) => [attributes['freelance.server.state'], value]),
    ),
  ).toEqual({ connecting: 0, alive: 1, suspect: 0, draining: 0, dead: 0 });
  expect(await tracing.points('freelance.server.running')).toEqual([{ attributes: {}, value: 0 }]);
  expect(await tracing.points('freelance.server.queued')).toEqual([{ attributes: {}, value: 0 }]);
});

test('how calls are shared, and how many servers a discovery names, are read when metrics are', async () => {
  await using tracing = new Tracing();
  await using near = await serve([Answering], { zone: 'a' });
  await using far = await serve([Answering], { zone: 'b' });
  const discovery = new FakeDiscovery();
  using client = connectTo(discovery, { name: 'shop', zone: 'a' });
  discovery.names([...near.endpoints, ...far.endpoints]);
  await client.connect();
  const name = { 'freelance.client.name': 'shop', 'freelance.priority': '0' };
  await eventually(async () =>
    expect(await tracing.points('freelance.client.call.share')).toEqual([
      { attributes: { ...name, 'freelance.zone': 'local' }, value: 1 },
      { attributes: { ...name, 'freelance.zone': 'remote' }, value: 0 },
    ]),
  );
  expect(await tracing.points('freelance.client.discovered')).toEqual([
    { attributes: { 'freelance.client.name': 'shop' }, value: 2 },
  ]);
});

describe('what is wrong is said', () => {
  test.each([
    [{ ignorePatterns: 'sum' }, /ignorePatterns must be a list .* sum\./],
    [{ ignorePatterns: [1] }, /ignorePatterns/],
    [{ clientCallHook: 'no' }, /clientCallHook must be a function/],
    [{ serverCallHook: {} }, /serverCallHook must be a function/],
  ])('of %o', (config, words) => {
    const bad = () => new FreelanceInstrumentation(config as FreelanceInstrumentationConfig);
    expect(bad).toThrow(words);
    const instrumentation = new FreelanceInstrumentation({ enabled: false });
    expect(() => instrumentation.setConfig(config as FreelanceInstrumentationConfig)).toThrow(
      words,
    );
  });

  test('a second one that is on records everything twice, and warns', () => {
    const warned = vi.fn<(message: string) => void>();
    const silent = () => {};
    diag.setLogger(
      { warn: warned, error: silent, info: silent, debug: silent, verbose: silent },
      DiagLogLevel.WARN,
    );
    const first = new FreelanceInstrumentation();
    expect(warned).not.toHaveBeenCalled();
    const second = new FreelanceInstrumentation();
    expect(warned.mock.calls.join()).toContain('Another FreelanceInstrumentation is on');
    first.disable();
    second.disable();
    new FreelanceInstrumentation().disable();
    expect(warned).toHaveBeenCalledOnce();
    diag.disable();
  });

  test('an async hook that rejects is reported, and ends no process', async () => {
    const reported = vi.fn<(message: string, ...args: unknown[]) => void>();
    const silent = () => {};
    diag.setLogger(
      { error: reported, warn: silent, info: silent, debug: silent, verbose: silent },
      DiagLogLevel.ERROR,
    );
    await using server = await serve([Answering]);
    await using tracing = new Tracing({
      clientCallHook: () => Promise.reject(new Error('my hook')) as unknown as void,
    });
    using client = connectTo(server.endpoints);
    expect(await firstValueFrom(client.send('answer', {}))).toBe(42);
    await eventually(() => expect(String(reported.mock.calls)).toContain('my hook'));
    expect(tracing.spans.length).toBeGreaterThan(0);
    diag.disable();
  });
});
