import { isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls';
import type { Target } from './check-name.js';
import { connected, dial, hangUp, isConnected, type TlsAim, trySecure } from './dial.js';
import { type Facts, type Finding, Problem } from './finding.js';
import { within } from './within.js';

/** A certificate that expires within so many days is worth a warning: Let's Encrypt renews 30 days before, and warns at 7. */
const SOON_DAYS = 14;
const DAY_MS = 86_400_000;

/** The handshake of TLS, as clients make it: with the authorities, the name and the own certificate of the options. */
export async function checkTls(
  target: Target,
  aim: TlsAim,
  timeoutMs: number,
  wallClock: () => number,
): Promise<Finding<void>> {
  const socket = await connected(target, timeoutMs);
  const secure = await trySecure(socket, aim, timeoutMs);
  if (secure && 'getPeerCertificate' in secure) {
    const certificate = secure.getPeerCertificate();
    const protocol = secure.getProtocol() ?? 'TLS';
    const cipher = secure.getCipher().name;
    hangUp(secure);
    return {
      value: undefined,
      summary: `${protocol}, with a certificate ${shown(certificate)}`,
      warnings: expiresSoon(certificate, wallClock()),
      facts: { protocol, cipher, certificate: factsOf(certificate) },
    };
  }
  hangUp(socket);
  if (!secure) {
    throw new Problem('it accepts the connection, and does not answer the handshake of TLS', [
      ...NO_TLS,
      'Or its process hangs.',
    ]);
  }
  const certificate = await certificateAt(target, aim, timeoutMs);
  throw new Problem(
    secure.reason,
    certificate ? adviceOn(certificate, nameOf(aim), wallClock()) : NO_TLS,
    certificate ? { certificate: factsOf(certificate) } : {},
  );
}

const NO_TLS = [
  'Write tcp:// in the place of tls://, if the server has no TLS; otherwise correct the port.',
];

/** Looks at a certificate that was not accepted. Nothing is sent but the handshake, without a certificate of this side. */
async function certificateAt(
  target: Target,
  aim: TlsAim,
  timeoutMs: number,
): Promise<PeerCertificate | undefined> {
  const dialled = await dial(target, timeoutMs);
  if (!isConnected(dialled)) return undefined;
  const name = nameOf(aim);
  const tls = connect({
    socket: dialled,
    // Only to show it to a person: nothing follows.
    rejectUnauthorized: false,
    ...(isIP(name) === 0 && { servername: name }),
  });
  const certificate = await within<PeerCertificate | undefined>(timeoutMs, (settle) => {
    tls.once('secureConnect', () => settle(tls.getPeerCertificate()));
    tls.once('error', () => settle(undefined));
    tls.once('close', () => settle(undefined));
    return () => {};
  });
  hangUp(tls);
  return certificate?.fingerprint256 === undefined ? undefined : certificate;
}

function nameOf({ host, credentials }: TlsAim): string {
  return credentials.serverName ?? host;
}

/** Its names are what a client compares with the host; those without any have the common name only. */
function namesIn(certificate: PeerCertificate): string {
  return certificate.subjectaltname ?? `CN:${String(certificate.subject?.CN)}`;
}

function shown(certificate: PeerCertificate): string {
  return `for ${namesIn(certificate)}, issued by ${String(certificate.issuer?.CN)}, valid until ${certificate.valid_to}`;
}

function factsOf(certificate: PeerCertificate): Facts {
  const { subject, issuer, subjectaltname, valid_from, valid_to, fingerprint256 } = certificate;
  return {
    subject: subject?.CN,
    issuer: issuer?.CN,
    names: subjectaltname,
    validFrom: valid_from,
    validTo: valid_to,
    fingerprint256,
  };
}

function expiresSoon({ valid_to }: PeerCertificate, now: number): string[] {
  const days = (Date.parse(valid_to) - now) / DAY_MS;
  return days < SOON_DAYS
    ? [`The certificate expires in ${Math.ceil(days)} days, at ${valid_to}.`]
    : [];
}

/** What the certificate itself shows. The client's own reason is told beside it. */
function adviceOn(certificate: PeerCertificate, name: string, now: number): string[] {
  const its = `The certificate is ${shown(certificate)}; its fingerprint is ${certificate.fingerprint256}.`;
  if (!(Date.parse(certificate.valid_to) >= now)) {
    return [
      its,
      `Renew it at the server. If it should be valid, set the clock of this machine, which says ${iso(now)}.`,
    ];
  }
  if (!(Date.parse(certificate.valid_from) <= now)) {
    return [
      its,
      `Set the clock of this machine, which says ${iso(now)}, or that of whoever issued it.`,
    ];
  }
  if (checkServerIdentity(name, certificate) !== undefined) {
    return [its, `Call the server by a name that is in it, or have one issued for ${name}.`];
  }
  if (certificate.issuer?.CN === certificate.subject?.CN) {
    return [
      its,
      'It is self-signed: if that is the server you mean, give this very certificate as --tls-ca (security.ca).',
    ];
  }
  return [
    its,
    'Give the authority that issued it as --tls-ca (security.ca), if this is the server you mean.',
  ];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
