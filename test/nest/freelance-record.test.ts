import { FreelanceError, FreelanceRecordBuilder } from 'nestjs-freelance';
import { expect, test } from 'vitest';

test('gathers what one call wants', () => {
  const metadata = { tenant: 'x' };
  const record = new FreelanceRecordBuilder([1])
    .setMetadata(metadata)
    .setTimeout(800)
    .setMaxAttempts(5)
    .setIdempotent(false)
    .build();
  metadata.tenant = 'changed afterwards';
  expect(record).toEqual({
    data: [1],
    options: { metadata: { tenant: 'x' }, timeout: 800, maxAttempts: 5, idempotent: false },
  });
});

test('what was built does not change with its builder', () => {
  const builder = new FreelanceRecordBuilder('x').setTimeout(1);
  const first = builder.build();
  builder.setTimeout(2);
  expect(first.options).toEqual({ timeout: 1 });
});

test.each([
  ['no time', () => new FreelanceRecordBuilder(1).setTimeout(0), 'at least 1 ms, but got 0'],
  ['not a number', () => new FreelanceRecordBuilder(1).setTimeout(NaN), 'but got NaN'],
  ['no attempts', () => new FreelanceRecordBuilder(1).setMaxAttempts(0), 'but got 0'],
  ['half an attempt', () => new FreelanceRecordBuilder(1).setMaxAttempts(1.5), 'but got 1.5'],
])('refuses %s', (_what, build, message) => {
  expect(build).toThrow(FreelanceError);
  expect(build).toThrow(message);
});
