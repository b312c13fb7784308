import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { certificateOf } from '../../../lib/sockets/node/shown-certificate.js';
import { untimely } from '../../../lib/sockets/validity.js';
import { makeCertificate } from '../../support/certificates.js';

const shown = (more: object) => certificateOf({ fingerprint256: 'AB', ...more });

test('a peer without a certificate gives undefined', () => {
  expect(certificateOf({})).toBeUndefined();
});

test('an empty certificate is still a certificate', () => {
  expect(shown({})).toEqual({
    fingerprint256: 'AB',
    subject: {},
    issuer: {},
    subjectAltNames: [],
    serialNumber: '',
    validFrom: '',
    validTo: '',
  });
});

test('a field that occurs twice is a list', () => {
  const { subject } = shown({ subject: { CN: 'a', OU: ['b', 'c'] } }) ?? {};
  expect(subject).toEqual({ CN: 'a', OU: ['b', 'c'] });
  expect(Object.isFrozen(subject?.OU)).toBe(true);
});

test.each([
  [
    'DNS:a.example, IP Address:127.0.0.1, URI:spiffe://a/b',
    ['DNS:a.example', 'IP Address:127.0.0.1', 'URI:spiffe://a/b'],
  ],
  ['IP Address:0:0:0:0:0:0:0:1', ['IP Address:0:0:0:0:0:0:0:1']],
  ['DirName:"CN = a, O = b", DNS:c', ['DirName:CN = a, O = b', 'DNS:c']],
])('names are told apart: %s', (subjectaltname, names) => {
  expect(shown({ subjectaltname })?.subjectAltNames).toEqual(names);
});

test.each(['a, DNS:b', 'a", DNS:b', 'a\\", DNS:b', '", DNS:b, "', 'a,DNS:b'])(
  'a name cannot pose as two: %s',
  (name) => {
    const { cert } = makeCertificate({ cn: 'a', names: [`spiffe://${name}`, 'last'] });
    const subjectaltname = new X509Certificate(cert).subjectAltName ?? '';
    expect(shown({ subjectaltname })?.subjectAltNames).toEqual([
      `URI:spiffe://${name}`,
      'DNS:last',
    ]);
  },
);

test('a certificate is valid between its two times', () => {
  const [validFrom, validTo] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'];
  const at = (now: string) => untimely({ validFrom, validTo }, Date.parse(now));
  expect(at('2026-01-15')).toBeUndefined();
  expect(at(validFrom)).toBeUndefined();
  expect(at(validTo)).toBeUndefined();
  expect(at('2025-12-31')).toBe(`is not valid before ${validFrom}`);
  expect(at('2026-02-02')).toBe(`expired at ${validTo}`);
});

test.each(['', 'nonsense'])('a certificate with an unreadable time (%j) is never valid', (time) => {
  expect(untimely({ validFrom: time, validTo: time }, Date.now())).toBeDefined();
  expect(untimely({ validFrom: time, validTo: '2999-01-01' }, Date.now())).toBeDefined();
});
