import { FreelanceError } from '../core/freelance-error.js';
import { UsageError } from './cli-error.js';

/** What is called otherwise in the options than on the command line. */
const FLAGS: Readonly<Record<string, string>> = {
  endpoints: '--endpoint',
  'security.serverKey': '--curve-server-key',
  'security.publicKey': '--curve-public-key',
  'security.secretKey': '--curve-secret-key',
  'security.username': '--plain-username',
  'security.password': '--plain-password',
  'security.ca': '--tls-ca',
  'security.cert': '--tls-cert',
  'security.key': '--tls-key',
  'security.passphrase': '--tls-passphrase',
  'security.servername': '--tls-servername',
  engine: '--engine',
};

/** Runs what reads options, and tells in the words of the flags what is wrong with them. */
export function inWordsOfFlags<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw flagError(error);
  }
}

/** An error of options in the words of the flags; any other one as it is. */
export function flagError(error: unknown): unknown {
  if (!(error instanceof FreelanceError) || error.code !== 'BAD_OPTIONS') return error;
  const [, option = '', rest = ''] = /^\w+: ([\w.]+) (.*)$/su.exec(error.message) ?? [];
  const flag = FLAGS[option];
  return new UsageError(flag === undefined ? error.message : `${flag} ${rest}`);
}

/**
 * An error or a reason in the words of the command line: what it says of options is said of flags. A client's advice names its
 * options, which nobody has who calls it by flags.
 */
export function flagWords(text: string): string {
  let words = text;
  for (const [option, flag] of WORDS) words = words.replaceAll(option, flag);
  return words;
}

const WORDS: readonly (readonly [option: RegExp, flag: string])[] = [
  ...Object.entries(FLAGS)
    .filter(([option]) => option.startsWith('security.'))
    .map(([option, flag]) => [new RegExp(`\\b${option}\\b`, 'gu'), flag] as const),
  [/\bserverKey\b/gu, '--curve-server-key'],
  [/\bconnectTimeout\b/gu, '--connect-timeout'],
  [/\brequestTimeout\b/gu, '--request-timeout'],
  [/\bmaxAttempts\b/gu, '--max-attempts'],
  [/\bsetTimeout, the option timeout, or the deadline of [^)]*\)/gu, '--timeout)'],
];
