import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';

/*
 * Creates X.509 certificates as tests need them: expired, for another name, self-signed. Node reads certificates but does not
 * create them, and not every machine has OpenSSL's command. Source: RFC 5280, appendix A, and X.690 for DER.
 */

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly fingerprint256: string;
}

export interface CertificateWishes {
  readonly cn: string;
  /** Host names, IP addresses, and URIs. */
  readonly names?: readonly string[];
  /** The issuer; by default it is signed by its own key. */
  readonly by?: Certificate;
  readonly isAuthority?: boolean;
  readonly from?: Date;
  readonly to?: Date;
}

const DAY_MS = 86_400_000;

export const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS);

export function makeCertificate(wishes: CertificateWishes): Certificate {
  const { cn, names = [], by, isAuthority = by === undefined } = wishes;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = pemOf(privateKey);
  const subject = nameOf(cn);
  const issuer = by ? subjectOf(by.cert) : subject;
  const toSign = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(wishes.from ?? daysFromNow(-1)), time(wishes.to ?? daysFromNow(1))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensionsOf(names, isAuthority))),
  );
  const signature = sign('sha256', toSign, by?.key ?? key);
  const der = sequence(toSign, ECDSA_WITH_SHA256, bitString(signature));
  const cert = `-----BEGIN CERTIFICATE-----\n${lines(der)}-----END CERTIFICATE-----\n`;
  return { cert, key, fingerprint256: new X509Certificate(cert).fingerprint256 };
}

/** A list of the certificates that this authority has revoked. */
export function makeRevocationList(by: Certificate, revoked: readonly Certificate[]): string {
  const entries = revoked.map(({ cert }) => {
    const serial = Buffer.from(new X509Certificate(cert).serialNumber, 'hex');
    return sequence(integer(serial), time(daysFromNow(-1)));
  });
  const toSign = sequence(
    integer(Buffer.from([1])),
    ECDSA_WITH_SHA256,
    subjectOf(by.cert),
    time(daysFromNow(-1)),
    time(daysFromNow(1)),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
  );
  const der = sequence(toSign, ECDSA_WITH_SHA256, bitString(sign('sha256', toSign, by.key)));
  return `-----BEGIN X509 CRL-----\n${lines(der)}-----END X509 CRL-----\n`;
}

function pemOf(key: KeyObject, passphrase?: string): string {
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  return key.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString();
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length < 0x100 ? [body.length] : [body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, 0x80 | digits.length, ...digits]), body]);
}

const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts);
const explicit = (number: number, part: Buffer) => tlv(0xa0 | number, part);
const integer = (bytes: Buffer) => tlv(0x02, bytes);
const octets = (part: Buffer) => tlv(0x04, part);
const bitString = (bytes: Buffer) => tlv(0x03, Buffer.from([0]), bytes);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, 'hex'));
const TRUE = Buffer.from([0x01, 0x01, 0xff]);

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

/** `UTCTime`, for years from 1950 to 2049. */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/\D/g, '').slice(2, 14);
  return tlv(0x17, Buffer.from(`${digits}Z`));
}

/** A name of one field, the common name: 2.5.4.3. */
function nameOf(cn: string): Buffer {
  return sequence(tlv(0x31, sequence(oid('550403'), tlv(0x0c, Buffer.from(cn)))));
}

function subjectOf(cert: string): Buffer {
  const [, cn = ''] = /^CN=(.*)$/mu.exec(new X509Certificate(cert).subject) ?? [];
  return nameOf(cn);
}

function extensionsOf(names: readonly string[], isAuthority: boolean): Buffer[] {
  // 2.5.29.19, basicConstraints; 2.5.29.17, subjectAltName.
  const constraints = [
    sequence(oid('551d13'), TRUE, octets(sequence(...(isAuthority ? [TRUE] : [])))),
  ];
  if (names.length === 0) return constraints;
  return [...constraints, sequence(oid('551d11'), octets(sequence(...names.map(altName))))];
}

function altName(name: string): Buffer {
  if (isIP(name) === 4) return tlv(0x87, Buffer.from(name.split('.').map(Number)));
  if (name === '::1') return tlv(0x87, Buffer.from([...Array<number>(15).fill(0), 1]));
  return tlv(name.includes('://') ? 0x86 : 0x82, Buffer.from(name));
}

function lines(der: Buffer): string {
  return der.toString('base64').replaceAll(/.{1,64}/g, '$&\n');
}

/** The key, encrypted. */
export function withPassphrase(
  { cert, key, fingerprint256 }: Certificate,
  passphrase: string,
): Certificate {
  return { cert, key: pemOf(createPrivateKey(key), passphrase), fingerprint256 };
}
