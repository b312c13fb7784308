import { expect, test } from 'vitest';
import { FreelanceError } from '../../lib/core/freelance-error.js';

test('a FreelanceError is an Error with a name, a message and a stack', () => {
  const error = new FreelanceError('ETIMEDOUT', 'no answer within 5000 ms');
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toBe('FreelanceError: no answer within 5000 ms');
  expect(error.stack).toContain('freelance-error.test');
});

test('a FreelanceError is distinguished by its code', () => {
  expect(new FreelanceError('OVERLOADED', 'too many').code).toBe('OVERLOADED');
});

test('a FreelanceError lists its attempts in order, or none', () => {
  const attempts = [
    { endpoint: 'tcp://10.0.0.1:5555', outcome: 'lost' },
    { endpoint: 'tcp://10.0.0.2:5555', outcome: 'refused' },
  ];
  expect(new FreelanceError('ECONNRESET', 'lost', attempts).attempts).toEqual(attempts);
  expect(new FreelanceError('CLOSED', 'closed')).toMatchObject({
    attempts: [],
    failed: [],
    mayHaveRun: 0,
  });
});

test('a FreelanceError keeps its cause', () => {
  const cause = new Error('EAGAIN');
  expect(new FreelanceError('PROTOCOL', 'unreadable', [], { cause }).cause).toBe(cause);
  expect('cause' in new FreelanceError('CLOSED', 'closed')).toBe(false);
});
