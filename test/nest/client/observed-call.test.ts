import { afterEach, expect, test } from 'vitest';
import type { AttemptView } from '../../../lib/agents/client/call-contract.js';
import { ObservedCall } from '../../../lib/nest/client/observed-call.js';
import { type FreelanceInstrument, instrument } from '../../../lib/telemetry/instruments.js';

const ATTEMPT: AttemptView = {
  endpoint: 'tcp://127.0.0.1:1',
  serverId: undefined,
  number: 1,
  reason: 'first',
  sentAt: 0,
};

const FACTS = {
  kind: 'call',
  pattern: 'p',
  isBroadcast: false,
  client: { id: 'c', name: '' },
  parentMetadata: undefined,
} as const;

let remove = () => {};
afterEach(() => remove());

/** What an attempt sends, of a call to which a hook has added `trace: 'abcd'`. */
function sentWith(beforeClientAttempt: FreelanceInstrument['beforeClientAttempt']) {
  const told: unknown[] = [];
  remove = instrument({
    aroundClientCall: (call, next) => {
      call.metadata['trace'] = 'abcd';
      next();
    },
    beforeClientAttempt,
  });
  const observed = new ObservedCall(
    FACTS,
    (error) => told.push(error),
    () => 0,
  );
  observed.start(() => {});
  const sent = observed.metadataOf(ATTEMPT, { user: 'u', ...observed.metadata });
  return { sent, told };
}

const sentAs = (trace: string) => sentWith(({ metadata }) => void (metadata['trace'] = trace)).sent;

test('a hook replaces a value of its call for one attempt', () => {
  expect(sentAs('wxyz')).toEqual({ user: 'u', trace: 'wxyz' });
});

test('other keys are left out, be they new or the user’s', () => {
  const { sent } = sentWith(({ metadata }) => {
    metadata['more'] = 'm';
    metadata['user'] = 'x';
    metadata['trace'] = 'wx';
  });
  expect(sent).toEqual({ user: 'u', trace: 'wx' });
});

test.each(['abcde', 'äbcd', '\u{1F600}\u{1F600}', 'ab\n\n', '\0', '\ud800'])(
  'a value that is longer in the headers, JSON in UTF-8, is left out: %j',
  (text) => {
    expect(sentAs(text)).toEqual({ user: 'u', trace: 'abcd' });
  },
);

test.each(['äb', '\u{1F600}', 'ab\n'])('one that is as long is not: %j', (text) => {
  expect(sentAs(text)).toEqual({ user: 'u', trace: text });
});

test('the attempt goes on if a hook throws, and the log is told', () => {
  const error = new Error('no');
  const { sent, told } = sentWith(() => {
    throw error;
  });
  expect(sent).toEqual({ user: 'u', trace: 'abcd' });
  expect(told).toMatchObject([{ cause: error }]);
});
