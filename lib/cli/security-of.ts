import { curveKeyPairOf } from '../security/curve-keys.js';
import { decodeZ85 } from '../security/z85.js';
import { generateCurveKeyPair } from '../nest/curve-key-pair.js';
import type { FreelanceClientSecurity } from '../nest/options/client-security.js';
import { UsageError } from './cli-error.js';
import { curveKeyOf, type Given, pemOf, textOf } from './secrets.js';
import {
  givenOf,
  SECURITY_FLAG_NAMES,
  SECURITY_FLAGS as FLAGS,
  type SecurityFlagName,
} from './security-flags.js';

/**
 * The option `security` of a client, of flags and variables. If there are flags, they decide which mechanism it is, and
 * the variables of others do not count.
 *
 * @param flags of commander
 * @throws UsageError
 */
export function securityOf(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  endpoints: readonly string[],
): FreelanceClientSecurity | undefined {
  const byFlag = SECURITY_FLAG_NAMES.filter((name) => flags[name] !== undefined);
  const byVariable = SECURITY_FLAG_NAMES.filter((name) => env[FLAGS[name].variable]);
  const mechanism = mechanismOf(byFlag) ?? mechanismOf(byVariable);
  const given: GivenOf = (name) => givenOf(name, flags, env);
  switch (mechanism) {
    case 'curve':
      return curve(given);
    case 'plain':
      return plain(given);
    case 'tls':
      return tls(given);
    case undefined:
      return endpoints.some((endpoint) => endpoint.startsWith('tls:')) ? tls(given) : undefined;
  }
}

type GivenOf = (name: SecurityFlagName) => readonly Given[];

/** @throws UsageError if they belong to several */
function mechanismOf(names: readonly SecurityFlagName[]): 'curve' | 'plain' | 'tls' | undefined {
  const [first] = names;
  if (first === undefined) return undefined;
  const mechanism = prefixOf(first);
  const other = names.find((name) => prefixOf(name) !== mechanism);
  if (other !== undefined) {
    const [one, two] = [FLAGS[first], FLAGS[other]];
    throw new UsageError(
      `${one.flag} (${one.variable}) and ${two.flag} (${two.variable}) belong to different mechanisms: give one of them`,
    );
  }
  return mechanism;
}

/** Of `curveServerKey` it is `curve`. */
function prefixOf(name: SecurityFlagName): 'curve' | 'plain' | 'tls' {
  return /^[a-z]+/u.exec(name)?.[0] as 'curve' | 'plain' | 'tls';
}

function curve(given: GivenOf): FreelanceClientSecurity {
  const serverKeys = given('curveServerKey');
  if (serverKeys.length === 0) throw missing('curveServerKey', 'the public key of the servers');
  const [secret] = given('curveSecretKey');
  const [own] = given('curvePublicKey');
  if (own && !secret)
    throw missing('curveSecretKey', 'the secret key that belongs to your public key');
  const pair = secret ? pairOf(curveKeyOf(secret, 'secretKey')) : generateCurveKeyPair();
  const publicKey = own ? curveKeyOf(own, 'publicKey') : pair.publicKey;
  return { mechanism: 'curve', ...pair, publicKey, serverKey: serverKeyOf(serverKeys) };
}

function pairOf(secretKey: string): { publicKey: string; secretKey: string } {
  const bytes = decodeZ85(secretKey);
  if (!bytes) throw new UsageError(`${FLAGS.curveSecretKey.flag} is no key`);
  return curveKeyPairOf(bytes);
}

function serverKeyOf(keys: readonly Given[]): string | Record<string, string> {
  const [first, ...others] = keys;
  if (first && others.length === 0 && !isOfOneServer(first)) return curveKeyOf(first, 'publicKey');
  return Object.fromEntries(
    keys.map((given) => {
      if (!isOfOneServer(given)) {
        throw new UsageError(`${given.from} must be ADDRESS=KEY if it is given several times`);
      }
      const { from, value } = given;
      const at = value.indexOf('=');
      const key = { from, value: value.slice(at + 1) };
      return [value.slice(0, at), curveKeyOf(key, 'publicKey')];
    }),
  );
}

/** A key of 40 characters of Z85 may contain such characters, too, but no key is that long. */
function isOfOneServer({ value }: Given): boolean {
  return /^\w+:\/\/[^=]+=/u.test(value) && value.length > 40;
}

function plain(given: GivenOf): FreelanceClientSecurity {
  const [username] = given('plainUsername');
  const [password] = given('plainPassword');
  if (!username) throw missing('plainUsername', 'your name');
  if (!password) throw missing('plainPassword', 'your password');
  return { mechanism: 'plain', username: textOf(username), password: textOf(password) };
}

function tls(given: GivenOf): FreelanceClientSecurity {
  const [cert] = given('tlsCert');
  const [key] = given('tlsKey');
  const [passphrase] = given('tlsPassphrase');
  const [servername] = given('tlsServername');
  const ca = given('tlsCa');
  return {
    mechanism: 'tls',
    ...(ca.length > 0 && { ca: ca.map(pemOf) }),
    ...(cert && { cert: pemOf(cert) }),
    ...(key && { key: pemOf(key) }),
    ...(passphrase && { passphrase: textOf(passphrase) }),
    ...(servername && { servername: servername.value }),
  };
}

function missing(name: SecurityFlagName, what: string): UsageError {
  const { flag, variable } = FLAGS[name];
  return new UsageError(`${flag} (or the variable ${variable}) is missing: ${what}`);
}
