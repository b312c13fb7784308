import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { OwnCertificate } from '../../security/tls-credentials.js';
import { reasonOf } from '../../sockets/reason-of.js';
import { isoOf } from '../../sockets/validity.js';
import type { OptionReader } from './option-reader.js';
import { kindOf } from './shown.js';
import { contextOptions } from './tls-context.js';

/** The TLS options of both sides. */
export interface TlsMaterial {
  cert?: string | Buffer | undefined;
  key?: string | Buffer | undefined;
  passphrase?: string | undefined;
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  crl?: string | Buffer | readonly (string | Buffer)[] | undefined;
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  ciphers?: string | undefined;
}

export const TLS_MATERIAL = [
  'cert',
  'key',
  'passphrase',
  'ca',
  'crl',
  'minVersion',
  'ciphers',
] as const satisfies readonly (keyof TlsMaterial)[];

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

export interface ReadMaterial {
  readonly context: SecureContext;
  /** What `context` was made of. */
  readonly options: SecureContextOptions;
  readonly certificate: OwnCertificate | undefined;
}

/**
 * Reads keys and certificates, and checks them at once, so that a process with wrong ones does not start.
 *
 * @throws FreelanceError `BAD_OPTIONS`, which never shows a key or a passphrase, even in the wrong option
 */
export function readTlsMaterial<Options extends TlsMaterial>(
  read: OptionReader<Options>,
  given: Options,
): ReadMaterial {
  const { cert, key, passphrase } = given;
  const certificate = cert === undefined ? undefined : readCertificate(read, 'cert', cert);
  if (certificate && !certificate.checkPrivateKey(readKey(read, given))) {
    throw read.secret(
      'key',
      'must be the private key that belongs to cert, or cert the one of key',
    );
  }
  if (!certificate && key !== undefined) throw read.secret('cert', 'must be there if key is');
  const minVersion = read.oneOf('minVersion', VERSIONS, () => 'TLSv1.2');
  const ca = readList(read, 'ca', given.ca, (one) => void readCertificate(read, 'ca', one));
  const crl = readList(read, 'crl', given.crl, (one) => checkPem(read, 'crl', one, LIST));
  if (crl && !ca) throw read.secret('crl', 'must come with ca, whose lists they are');
  const { ciphers } = given;
  if (ciphers !== undefined && typeof ciphers !== 'string') {
    throw read.bad('ciphers', 'must be a string', ciphers);
  }
  try {
    const options = contextOptions({ cert, key, passphrase, ca, crl, minVersion, ciphers });
    const context = createSecureContext(options);
    return { context, options, certificate: certificate && ownCertificate(certificate) };
  } catch (error) {
    // OpenSSL's message says what is wrong, but not with which option.
    const name = ciphers === undefined ? 'cert' : 'ciphers';
    throw read.secret(name, `or another option of TLS is refused by OpenSSL: ${reasonOf(error)}`);
  }
}

/** The labels of PEM for a certificate, and for a certificate revocation list. */
const CERTIFICATE = 'CERTIFICATE';
const LIST = 'X509 CRL';

function readCertificate<Options extends TlsMaterial>(
  read: OptionReader<Options>,
  name: 'cert' | 'ca',
  given: unknown,
): X509Certificate {
  const pem = checkPem(read, name, given, CERTIFICATE);
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw read.secret(name, `is a certificate that cannot be read: ${reasonOf(error)}`);
  }
}

function readKey<Options extends TlsMaterial>(
  read: OptionReader<Options>,
  { key, passphrase }: TlsMaterial,
): KeyObject {
  const pem = checkPem(read, 'key', key, 'PRIVATE KEY');
  if (passphrase !== undefined && typeof passphrase !== 'string') {
    throw read.bad('passphrase', 'must be a string', passphrase);
  }
  try {
    return createPrivateKey({
      key: pem,
      format: 'pem',
      ...(passphrase !== undefined && { passphrase }),
    });
  } catch (error) {
    // Sources: RFC 7468, section 11 (PKCS 8); RFC 1421, section 4.6.1.1, for the older form.
    const isEncrypted = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/u.test(pem.toString());
    if (!isEncrypted) throw read.secret('key', `is a key that cannot be read: ${reasonOf(error)}`);
    throw read.secret('passphrase', 'must be the one that key is encrypted with');
  }
}

function readList<Options extends TlsMaterial>(
  read: OptionReader<Options>,
  name: 'ca' | 'crl',
  given: TlsMaterial['ca'],
  check: (one: unknown) => void,
): (string | Buffer)[] | undefined {
  if (given === undefined) return undefined;
  const list: readonly (string | Buffer)[] = [given].flat();
  if (list.length === 0) throw read.bad(name, 'must have one at least, if it is there', given);
  for (const one of list) check(one);
  return [...list];
}

function checkPem<Options extends TlsMaterial>(
  read: OptionReader<Options>,
  name: 'cert' | 'key' | 'ca' | 'crl',
  given: unknown,
  label: string,
): string | Buffer {
  if (isPem(given, label)) return given;
  const is = typeof given === 'string' ? `a string of ${given.length} characters` : kindOf(given);
  const hint =
    typeof given === 'string' && given !== '' && !given.includes('\n')
      ? ', such as a path: what the file has in it is wanted'
      : '';
  throw read.secret(
    name,
    `must be PEM, a text that begins with -----BEGIN ${label}-----, but is ${is}${hint}`,
  );
}

function isPem(given: unknown, label: string): given is string | Buffer {
  if (typeof given !== 'string' && !Buffer.isBuffer(given)) return false;
  // A label may have a prefix, such as RSA, EC or ENCRYPTED of private keys.
  return new RegExp(`-----BEGIN (?:[A-Z0-9]+ )?${label}-----`, 'u').test(given.toString());
}

function ownCertificate(certificate: X509Certificate): OwnCertificate {
  const { fingerprint256, validFrom, validTo } = certificate;
  return { fingerprint256, validFrom: isoOf(validFrom), validTo: isoOf(validTo) };
}
