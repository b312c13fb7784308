import { type Command, Option } from 'commander';
import type { Given } from './secrets.js';

/** A flag, and the variable that stands in for it. */
interface SecurityFlag {
  readonly flag: string;
  readonly variable: string;
  readonly value: string;
  readonly help: string;
}

export const SECURITY_FLAGS = {
  curveServerKey: {
    flag: '--curve-server-key',
    variable: 'FREELANCE_CURVE_SERVER_KEY',
    value: '<key>',
    help: 'CURVE: the public key of all servers, or, given several times, ADDRESS=KEY of each',
  },
  curveSecretKey: {
    flag: '--curve-secret-key',
    variable: 'FREELANCE_CURVE_SECRET_KEY',
    value: '<key>',
    help: 'CURVE: your secret key (without it a new one is made, for servers that admit any client)',
  },
  curvePublicKey: {
    flag: '--curve-public-key',
    variable: 'FREELANCE_CURVE_PUBLIC_KEY',
    value: '<key>',
    help: 'CURVE: your public key (it follows from the secret one)',
  },
  plainUsername: {
    flag: '--plain-username',
    variable: 'FREELANCE_PLAIN_USERNAME',
    value: '<name>',
    help: 'PLAIN: your name',
  },
  plainPassword: {
    flag: '--plain-password',
    variable: 'FREELANCE_PLAIN_PASSWORD',
    value: '<password>',
    help: 'PLAIN: your password',
  },
  tlsCa: {
    flag: '--tls-ca',
    variable: 'FREELANCE_TLS_CA',
    value: '<file>',
    help: "TLS: the servers' certificate authority, PEM (default: those of Node)",
  },
  tlsCert: {
    flag: '--tls-cert',
    variable: 'FREELANCE_TLS_CERT',
    value: '<file>',
    help: 'TLS: your certificate, PEM',
  },
  tlsKey: {
    flag: '--tls-key',
    variable: 'FREELANCE_TLS_KEY',
    value: '<file>',
    help: 'TLS: its private key, PEM',
  },
  tlsPassphrase: {
    flag: '--tls-passphrase',
    variable: 'FREELANCE_TLS_PASSPHRASE',
    value: '<text>',
    help: 'TLS: the passphrase of that key',
  },
  tlsServername: {
    flag: '--tls-servername',
    variable: 'FREELANCE_TLS_SERVERNAME',
    value: '<name>',
    help: "TLS: the name in the servers' certificates (default: the host of the address)",
  },
} as const satisfies Record<string, SecurityFlag>;

export type SecurityFlagName = keyof typeof SECURITY_FLAGS;
export const SECURITY_FLAG_NAMES = Object.keys(SECURITY_FLAGS) as SecurityFlagName[];

/** Said below the options of each command that has these. */
export const SECRETS_NOTE = `Secrets: everybody on this machine can see the flags of a running command. Give
@FILE as the value of a flag, or set the variable of the same name:
--curve-secret-key is FREELANCE_CURVE_SECRET_KEY.`;

export function addSecurityFlags(command: Command): void {
  for (const { flag, value, help } of Object.values(SECURITY_FLAGS)) {
    command.addOption(
      new Option(`${flag} ${value}`, help)
        .helpGroup('Security:')
        .argParser((text, before?: readonly string[]) => [...(before ?? []), text]),
    );
  }
}

/** The values of a flag, or that of its variable. */
export function givenOf(
  name: SecurityFlagName,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): readonly Given[] {
  const { flag, variable } = SECURITY_FLAGS[name];
  const values = flags[name] as readonly string[] | undefined;
  if (values) return values.map((value) => ({ from: flag, value }));
  const value = env[variable];
  return value ? [{ from: variable, value }] : [];
}
