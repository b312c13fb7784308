import { expect, test } from 'vitest';
import { canonicalFingerprint, isFingerprint } from '../../lib/security/certificate.js';

const digits = '0123456789abcdef'.repeat(4);
const canonical = (digits.toUpperCase().match(/../gu) ?? []).join(':');

test.each([digits, digits.toUpperCase(), canonical, canonical.toLowerCase()])(
  'a fingerprint, however it is written: %s',
  (written) => {
    expect(isFingerprint(written)).toBe(true);
    expect(canonicalFingerprint(written)).toBe(canonical);
  },
);

test.each([
  '',
  digits.slice(1),
  `${digits}0`,
  `${digits}\n`,
  ` ${digits}`,
  `g${digits.slice(1)}`,
  canonical.replace(':', ''),
  canonical.replaceAll(':', '-'),
  // SHA-1.
  digits.slice(24),
])('no fingerprint, which stays as it is: %j', (written) => {
  expect(isFingerprint(written)).toBe(false);
  expect(canonicalFingerprint(written)).toBe(written);
});

test.each([undefined, null, 1, {}, Buffer.alloc(64, 'a')])('no text is none: %s', (value) => {
  expect(isFingerprint(value)).toBe(false);
});
