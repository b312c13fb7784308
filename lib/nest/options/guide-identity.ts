import { exceeds } from '../../protocol/size.js';
import { LONGEST_ROUTING_ID } from '../../zmtp/metadata.js';
import type { OptionReader } from './option-reader.js';

interface GuideOptions {
  guideIdentity?: string | undefined;
}

/** @throws FreelanceError `BAD_OPTIONS` if a ROUTER cannot have it as its routing id */
export function readGuideIdentity<Options extends GuideOptions>(
  read: OptionReader<Options>,
  given: unknown,
): string | undefined {
  const identity = given ?? undefined;
  if (identity === undefined || isRoutingId(identity)) return identity;
  throw read.bad('guideIdentity', MUST, identity);
}

/** ZeroMQ keeps those that begin with a zero byte for peers that have chosen none. */
function isRoutingId(identity: unknown): identity is string {
  return (
    typeof identity === 'string' &&
    identity !== '' &&
    !identity.startsWith('\0') &&
    identity.isWellFormed() &&
    !exceeds(identity, LONGEST_ROUTING_ID)
  );
}

const MUST =
  'must be the address that clients of the guide connect to, like tcp://10.0.0.1:5555: a string of at least 1 and at most ' +
  `${LONGEST_ROUTING_ID} bytes that does not begin with a zero byte`;
