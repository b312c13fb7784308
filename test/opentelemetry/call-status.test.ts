import { type Exception, type Span, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { FreelanceError } from '../../lib/core/freelance-error.js';
import {
  type CallStatus,
  recordError,
  statusAttributes,
  statusOfClientCall,
  statusOfServerCall,
} from '../../lib/opentelemetry/call-status.js';
import type { ClientCallMessage, ServerCallMessage } from '../../lib/telemetry/messages.js';

const OK: CallStatus = { code: 'OK', errorType: undefined };
const CANCELLED: CallStatus = { code: 'CANCELLED', errorType: undefined };
const failed = (code: string): CallStatus => ({ code, errorType: code });

class NamedError extends Error {
  override readonly name: string;

  constructor(name: unknown, message = '') {
    super(message);
    this.name = name as string;
  }
}

const hasGetter = (member: 'name' | 'message' | 'stack') =>
  Object.defineProperty(new Error('no'), member, {
    get() {
      throw new Error('of the getter');
    },
  });

describe('the status of a client’s call', () => {
  const statusOf = (outcome: ClientCallMessage['outcome'], error?: unknown) =>
    statusOfClientCall({ outcome, error } as ClientCallMessage);

  test.each<[title: string, outcome: ClientCallMessage['outcome'], expected: CallStatus]>([
    ['that was answered', 'answered', OK],
    ['whose caller has left', 'cancelled', CANCELLED],
  ])('%s', (_title, outcome, expected) => {
    expect(statusOf(outcome)).toEqual(expected);
  });

  test.each<[title: string, error: unknown, expected: CallStatus]>([
    ['by this library', new FreelanceError('ECONNRESET', 'lost'), failed('ECONNRESET')],
    // Of an aborted signal, unlike that of a caller who leaves.
    ['by its signal', new FreelanceError('CANCELLED', 'aborted'), failed('CANCELLED')],
    ['by a server, with an object', { status: 'error', message: 'no' }, failed('HANDLER')],
    ['by a server, with a text', 'no', failed('HANDLER')],
    ['by a server, with nothing', undefined, failed('HANDLER')],
    ['in this process', new TypeError('1n'), { code: undefined, errorType: 'TypeError' }],
    ['with an empty name', new NamedError(''), { code: undefined, errorType: '_OTHER' }],
    ['with a name that is no text', new NamedError(1), { code: undefined, errorType: '_OTHER' }],
    [
      'with a name that cannot be read',
      hasGetter('name'),
      { code: undefined, errorType: '_OTHER' },
    ],
  ])('that failed %s', (_title, error, expected) => {
    expect(statusOf('failed', error)).toEqual(expected);
  });
});

describe('the status of a server’s call', () => {
  test.each<[Partial<ServerCallMessage>, CallStatus]>([
    [{ outcome: 'answered' }, OK],
    [{ outcome: 'abandoned' }, CANCELLED],
    [{ outcome: 'failed', errorKind: 'HANDLER' }, failed('HANDLER')],
    [{ outcome: 'failed', errorKind: 'NO_HANDLER' }, failed('NO_HANDLER')],
    [{ outcome: 'failed', errorKind: 'INTERNAL' }, failed('INTERNAL')],
    [{ outcome: 'failed' }, failed('_OTHER')],
  ])('%o', (message, expected) => {
    expect(statusOfServerCall(message as ServerCallMessage)).toEqual(expected);
  });
});

test.each<[CallStatus, Record<string, string>]>([
  [OK, { 'rpc.status_code': 'OK' }],
  [failed('HANDLER'), { 'rpc.status_code': 'HANDLER', 'error.type': 'HANDLER' }],
  [{ code: undefined, errorType: 'TypeError' }, { 'error.type': 'TypeError' }],
])('%o as attributes has no member that is undefined', (status, expected) => {
  const attributes = statusAttributes(status);
  expect(attributes).toEqual(expected);
  expect(Object.keys(attributes)).toEqual(Object.keys(expected));
});

describe('an error on a span', () => {
  function recorded(error: unknown, status = failed('HANDLER')) {
    const told: unknown[] = [];
    const span = {
      setStatus: (set: unknown) => told.push(set),
      recordException: (exception: Exception, at: unknown) => told.push(exception, at),
    };
    recordError(span as unknown as Span, status, error, 12);
    const [set, exception, at] = told;
    expect(at).toBe(12);
    return { set, exception };
  }

  test('is its status and an exception, with the error’s own name, message and stack', () => {
    const error = new TypeError('no');
    expect(recorded(error)).toEqual({
      set: { code: SpanStatusCode.ERROR, message: 'no' },
      exception: { name: 'TypeError', message: 'no', stack: error.stack },
    });
  });

  test.each<[title: string, error: unknown, message: string]>([
    ['an object with a message', { status: 'error', message: 'no' }, 'no'],
    ['an object with an object for a message', { message: { reason: 'no' } }, '{"reason":"no"}'],
    ['an object without a message', { reason: 'no' }, '{"reason":"no"}'],
    ['a text', 'no', 'no'],
    ['a number', 42, '42'],
    ['null', null, 'null'],
    ['nothing', undefined, 'undefined'],
    ['what is no JSON', { big: 1n }, 'An error that cannot be shown'],
  ])('%s has the name of its type', (_title, error, message) => {
    expect(recorded(error)).toEqual({
      set: { code: SpanStatusCode.ERROR, message },
      exception: { name: 'HANDLER', message },
    });
  });

  test.each(['message', 'stack'] as const)(
    'whose %s cannot be read is still an error',
    (member) => {
      const message = 'An error that cannot be shown';
      expect(recorded(hasGetter(member))).toEqual({
        set: { code: SpanStatusCode.ERROR, message },
        exception: { name: 'HANDLER', message },
      });
    },
  );

  test('has at most 2000 characters of what a server answered with', () => {
    const { set } = recorded('x'.repeat(2001));
    expect(set).toMatchObject({ message: `${'x'.repeat(2000)}…` });
    expect(recorded('x'.repeat(2000)).set).toMatchObject({ message: 'x'.repeat(2000) });
  });
});
