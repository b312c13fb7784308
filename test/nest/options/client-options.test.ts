import {
  FreelanceClientProxy,
  type FreelanceClientOptions,
  FreelanceError,
} from 'nestjs-freelance';
import { expect, test } from 'vitest';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';

const endpoints = 'tcp://10.0.0.1:5555';
const make = (options: object) => new FreelanceClientProxy(options as FreelanceClientOptions);

test('has the defaults that its documentation states', () => {
  const { agent, calls } = resolveClientOptions({ endpoints });
  expect(agent).toMatchObject({
    targets: [{ endpoint: endpoints }],
    heartbeat: { interval: 1000, timeout: 3000 },
    maxFailures: 3,
    connectTimeout: 5000,
    backoff: { initial: 100, max: 10_000 },
    maxPending: 10_000,
    maxPendingPerServer: Infinity,
    maxMessageSize: 16_777_216,
    retryBudget: { ratio: 0.2, minPerSecond: 10 },
  });
  expect(calls).toEqual({
    requestTimeout: 5000,
    maxAttempts: 3,
    timeout: Infinity,
    idempotent: true,
    metadata: {},
  });
});

test('heartbeatTimeout defaults to three times a slower heartbeatInterval, unless it is given', () => {
  const heartbeatOf = (options: Partial<FreelanceClientOptions>) =>
    resolveClientOptions({ endpoints, ...options }).agent.heartbeat;
  expect(heartbeatOf({ heartbeatInterval: 5000 })).toEqual({ interval: 5000, timeout: 15_000 });
  expect(heartbeatOf({ heartbeatInterval: 5000, heartbeatTimeout: 6000 })).toEqual({
    interval: 5000,
    timeout: 6000,
  });
});

test('a retryBudget that is given in part keeps the other default', () => {
  const budgetOf = (retryBudget: FreelanceClientOptions['retryBudget']) =>
    resolveClientOptions({ endpoints, ...(retryBudget && { retryBudget }) }).agent.retryBudget;
  expect(budgetOf({ ratio: 1 })).toEqual({ ratio: 1, minPerSecond: 10 });
  expect(budgetOf({ minPerSecond: Infinity })).toEqual({ ratio: 0.2, minPerSecond: Infinity });
});

test('all servers are watched without the option subset', () => {
  const subsetOf = (subset?: FreelanceClientOptions['subset']) =>
    resolveClientOptions({ endpoints, ...(subset && { subset }) }).agent.subset;
  expect(subsetOf()).toBeUndefined();
  expect(subsetOf({})).toEqual({ size: 20, index: undefined });
  expect(subsetOf({ size: 3, index: 0 })).toEqual({ size: 3, index: 0 });
});

test('an endpoint that is given twice is one server', () => {
  const { agent } = resolveClientOptions({ endpoints: [endpoints, 'ipc:///tmp/x', endpoints] });
  expect(agent.targets).toEqual([{ endpoint: endpoints }, { endpoint: 'ipc:///tmp/x' }]);
});

test.each([
  ['no options', undefined, 'options must be an object, but are undefined'],
  ['no endpoints', {}, 'endpoints must be an address like tcp://10.0.0.1:5555, but is undefined'],
  [
    'an empty list',
    { endpoints: [] },
    'endpoints must name at least one address, but is an empty list.',
  ],
  ['a list in a list', { endpoints: [[endpoints]] }, 'but is a list'],
  [
    'a deadline that no header can say',
    { endpoints, timeout: 1e16 },
    'timeout must be a number, at least 1 and at most 9007199254740991, or Infinity, but is 1000',
  ],
  ['an idempotence of text', { endpoints, idempotent: 'no' }, 'must be true or false, but is "no"'],
  [
    'metadata in a Map',
    { endpoints, metadata: new Map([['tenant', 'x']]) },
    'metadata must be an object whose values are strings, but is an object of the class Map.',
  ],
  [
    'metadata of numbers, without showing its values',
    { endpoints, metadata: { secret: 'x', tenant: 42 } },
    /values are strings, but is one whose "tenant" is a number\.$/u,
  ],
  ['text for metadata', { endpoints, metadata: 'x' }, 'but is a string.'],
  ['a serializer that is none', { endpoints, serializer: {} }, 'serialize, but is an object.'],
  ['a bare host', { endpoints: 'localhost' }, 'endpoints must be an address like'],
  ['no port', { endpoints: 'tcp://localhost' }, 'but is "tcp://localhost"'],
  ['a port too high', { endpoints: 'tcp://localhost:65536' }, 'but is "tcp://localhost:65536"'],
  ['port zero', { endpoints: 'tcp://localhost:0' }, 'but is "tcp://localhost:0"'],
  ['a wildcard host', { endpoints: 'tcp://*:5555' }, 'but is "tcp://*:5555"'],
  ['a wildcard port', { endpoints: 'tcp://localhost:*' }, 'but is "tcp://localhost:*"'],
  ['one bad among good', { endpoints: [endpoints, 7] }, 'but is 7'],
  ['an unknown option', { endpoints, heartbeat: 1 }, 'there is no option "heartbeat"'],
  [
    'a fast heartbeat',
    { endpoints, heartbeatInterval: 9 },
    'heartbeatInterval must be a number, at least 10 and at most 60000, but is 9',
  ],
  ['a rare heartbeat', { endpoints, heartbeatInterval: 1e10 }, 'at most 60000, but is 10000000000'],
  ['a heartbeat of text', { endpoints, heartbeatInterval: '10' }, 'but is "10"'],
  [
    'a timeout within the interval',
    { endpoints, heartbeatTimeout: 1000 },
    'heartbeatTimeout must be more than heartbeatInterval (1000), but is 1000',
  ],
  [
    'no attempts',
    { endpoints, maxAttempts: 0 },
    'maxAttempts must be a whole number, at least 1, but is 0',
  ],
  ['half an attempt', { endpoints, maxAttempts: 1.5 }, 'but is 1.5'],
  [
    'not a number',
    { endpoints, requestTimeout: NaN },
    'requestTimeout must be a number, at least 1, but is NaN',
  ],
  ['no pending calls', { endpoints, maxPending: 0 }, 'maxPending must be'],
  [
    'a budget that is a number',
    { endpoints, retryBudget: 3 },
    'retryBudget must be an object, but is 3',
  ],
  [
    'a budget of less than nothing',
    { endpoints, retryBudget: { ratio: -1 } },
    'retryBudget.ratio must be a number, at least 0 and at most 1000, but is -1',
  ],
  [
    'an unknown budget',
    { endpoints, retryBudget: { percent: 1 } },
    'there is no option "retryBudget.percent". The options are retryBudget.ratio, retryBudget.minPer',
  ],
  ['a budget in a list', { endpoints, retryBudget: [1] }, 'must be an object, but is a list'],
  [
    'a budget in a Map',
    { endpoints, retryBudget: new Map() },
    'must be an object, but is an object of the class Map',
  ],
  [
    'a subset in a list',
    { endpoints, subset: [] },
    'subset must be an object, but is an empty list',
  ],
  [
    'options in a Map',
    new Map([['endpoints', endpoints]]),
    'options must be an object, but are an object of the class Map',
  ],
  [
    'metadata that is still to come',
    { endpoints, metadata: Promise.resolve({}) },
    'the class Promise',
  ],
  ['a subset of none', { endpoints, subset: { size: 0 } }, 'subset.size must be a whole number'],
  ['half a client', { endpoints, subset: { index: 0.5 } }, 'subset.index must be a whole number'],
  ['a bare size', { endpoints, subset: 20 }, 'subset must be an object, but is 20'],
  ['an unknown part', { endpoints, subset: { of: 3 } }, 'there is no option "subset.of"'],
  ['room for no call', { endpoints, maxPendingPerServer: 0 }, 'maxPendingPerServer must be'],
  ['an unknown balancer', { endpoints, balancer: 'best' }, "balancer must be 'p2c'"],
  ['a rule that is no function', { endpoints, isFailure: true }, 'isFailure must be a function'],
  ['a balancer of null', { endpoints, balancer: {} }, 'or an object with a method pick'],
])('refuses %s, saying what is wrong', (_what, options, message) => {
  expect(() => make(options as object)).toThrow(FreelanceError);
  expect(() => make(options as object)).toThrow(message);
  expect(() => make(options as object)).toThrow('FreelanceClientProxy: ');
});

test.each(['tcp://localhost:5555', 'tcp://[::1]:5555', 'ipc:///tmp/a.sock', 'inproc://a'])(
  'takes %s for an endpoint',
  (endpoint) => {
    expect(resolveClientOptions({ endpoints: endpoint }).agent.targets).toEqual([{ endpoint }]);
  },
);

test.each([
  [
    'a class',
    new (class {
      endpoints = endpoints;
    })(),
  ],
  ['no class', Object.assign(Object.create(null), { endpoints })],
  ['a module', Object.assign({ endpoints }, { [Symbol.toStringTag]: 'Module' })],
])('takes options that are an object of %s', (_what, options) => {
  expect(() => make(options as object)).not.toThrow();
});
