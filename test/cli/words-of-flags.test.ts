import { FreelanceError } from 'nestjs-freelance';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/cli/cli-error.js';
import { flagWords, inWordsOfFlags } from '../../lib/cli/words-of-flags.js';
import { resolveClientOptions } from '../../lib/nest/options/client-options.js';

const resolve = (options: object) =>
  inWordsOfFlags(() => resolveClientOptions({ endpoints: 'tls://127.0.0.1:5555', ...options }));

describe('in the words of flags', () => {
  test('a wrong option is said of its flag', () => {
    const security = { mechanism: 'tls', cert: 'client.pem' };
    expect(() => resolve({ security })).toThrow(UsageError);
    expect(() => resolve({ security })).toThrow(/^--tls-cert must be PEM/);
    expect(() => resolve({ security: { mechanism: 'tls' }, engine: 'libzmq' })).toThrow(
      /^--engine must be 'node' if security has the mechanism 'tls'/,
    );
    expect(() => resolve({})).toThrow(/^--endpoint must not begin with tls:/);
  });

  test('other errors stay as they are', () => {
    const error = new FreelanceError('CLOSED', 'The client was closed.');
    expect(() =>
      inWordsOfFlags(() => {
        throw error;
      }),
    ).toThrow(error);
  });

  test('advice names flags', () => {
    expect(flagWords('give that authority as security.ca, and raise connectTimeout')).toBe(
      'give that authority as --tls-ca, and raise --connect-timeout',
    );
    expect(
      flagWords(
        'give the call more time (setTimeout, the option timeout, or the deadline of the call that it was made for).',
      ),
    ).toBe('give the call more time (--timeout).');
  });
});
