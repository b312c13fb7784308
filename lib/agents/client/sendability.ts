import { isRefusing } from '../../core/connectivity.js';
import type { FreelanceErrorCode } from '../../core/freelance-error.js';
import { codeOf } from '../../core/retry.js';
import { reservedNameOf } from '../../protocol/introspection.js';
import type { Call, Server } from './call.js';

/**
 * Whether a server may be sent a call that is for it alone. One that is unready takes no calls, but still says what it is and
 * does: that is when somebody wants to know.
 */
export function takes({ tier, health }: Server, { request: { kind, pattern } }: Call): boolean {
  if (tier !== undefined) return true;
  if (health.connectivity.state !== 'unready' || kind !== 'request') return false;
  return reservedNameOf(pattern) !== undefined;
}

/** How a call fails rather than be sent: it may have run, or is for a server that is lost. */
export function codeIfUnsendable(call: Call): FreelanceErrorCode | undefined {
  const { failureIfSent, only } = call;
  if (failureIfSent) return codeOf(failureIfSent);
  if (!only || !(only.isRemoved || only.isLost)) return undefined;
  if (!only.isRemoved && takes(only, call)) return undefined;
  return isRefusing(only.health.connectivity) ? 'UNAUTHORIZED' : 'ECONNREFUSED';
}
