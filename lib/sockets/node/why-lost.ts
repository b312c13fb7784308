import type { ClientCredentials } from '../../security/client-credentials.js';
import {
  closedInHandshake,
  COULD_NOT_CHECK,
  notAuthorized,
  notZmtp,
  otherSecurity,
} from '../handshake-words.js';
import { type ChannelEnd, SILENT } from './channel-options.js';
import type { DialFailure } from './dialler.js';
import { whySslFailed } from './tls-words.js';

/** Why a connection ended whose handshake was done. */
export function whyLost({ failure, code }: ChannelEnd): string {
  if (failure)
    return `the connection was closed, for what came by it cannot be read: ${failure.message}`;
  return code === SILENT ? 'the connection was closed: nothing answers any more' : CLOSED;
}

const CLOSED = 'the connection was closed';

export function whyHandshakeFailed(
  { failure, code, firstWords }: ChannelEnd,
  credentials: ClientCredentials | undefined,
): DialFailure {
  switch (failure?.code) {
    case undefined:
      // In TLS 1.3 a client is done before the server has seen its certificate.
      return code?.startsWith('ERR_SSL_') ? whySslFailed(code) : closedInHandshake(credentials);
    case 'refused':
      return notAuthorized(credentials);
    case 'undecided':
      return COULD_NOT_CHECK;
    case 'mechanism-mismatch':
    case 'role-mismatch':
      return otherSecurity(credentials);
    case 'not-zmtp':
      return isTls(firstWords) ? SPEAKS_TLS : notZmtp(firstWords);
    default:
      return { reason: `the handshake failed: ${failure?.message}` };
  }
}

/** An alert, or the handshake, of TLS 1.0 and later. Source: RFC 8446, section 5.1. */
function isTls([type, version]: Buffer): boolean {
  return (type === 21 || type === 22) && version === 3;
}

const SPEAKS_TLS: DialFailure = {
  reason:
    "what listens there speaks TLS: give this client security with the mechanism 'tls', and an address with tls://",
  cause: 'unauthorized',
};

interface FailedTry {
  /** The address. */
  readonly name: string;
  readonly failure: DialFailure;
}

/** How many addresses are named. A DNS answer may have some 4000, and each attempt writes a line to the log. */
const MOST_NAMED = 8;

/** Why all addresses of one server failed. @param tries at least one */
export function whyDialFailed(tries: readonly FailedTry[]): DialFailure {
  const refusal = tries.find(({ failure }) => failure.cause === 'unauthorized');
  if (refusal) return refusal.failure;
  const [first, ...others] = tries;
  if (!first) return { reason: 'it has no address' };
  if (others.length === 0) return first.failure;
  const told = tries.find(({ failure }) => failure.cause === 'unexplained')?.failure.cause;
  const named = tries.slice(0, MOST_NAMED);
  const more = tries.length > MOST_NAMED ? ` and ${tries.length - MOST_NAMED} more` : '';
  const reason = tries.every(({ failure }) => failure.reason === first.failure.reason)
    ? `${first.failure.reason} (tried ${named.map(({ name }) => name).join(', ')}${more})`
    : `${named.map(({ name, failure }) => `${name}: ${failure.reason}`).join('; ')}${more && `;${more}`}`;
  return { reason, ...(told && { cause: told }) };
}
