import { INITIAL_CREDIT } from '../../core/credit-window.js';
import type { Body } from '../../protocol/body.js';
import { LONGEST_TIMEOUT_MS, type Pattern, type RequestHeaders } from '../../protocol/headers.js';
import type { Content, OutgoingClientMessage } from '../../protocol/messages.js';
import { encodeUntypedRequest } from '../../protocol/untyped.js';
import type { Attempt } from './call.js';
import type { ServerProfile } from './server-profile.js';

/** What a call to that server has for a body. */
export function bodyFor({ namesPatterns }: ServerProfile, pattern: Pattern, body: Body): Content {
  return namesPatterns ? body.content : encodeUntypedRequest(pattern, body);
}

/** The message of one attempt, in the dialect of the server that it goes to. */
export function encodeAttempt(
  { id, call, number, sentAt, metadata }: Attempt,
  profile: ServerProfile,
): OutgoingClientMessage {
  const { kind, pattern, body } = call.request;
  const { dialect = 'negotiated' } = profile;
  switch (dialect) {
    case 'basic':
      return { type: 'request', dialect, body: encodeUntypedRequest(pattern, body) };
    case 'tracked':
    case 'guide':
      return { type: 'request', dialect, id, body: encodeUntypedRequest(pattern, body) };
    case 'negotiated': {
      const { deadlineAt } = call;
      const headers: RequestHeaders = {
        pattern,
        type: body.type,
        serialized: body.serialized,
        attempt: number,
        timeout: deadlineAt < Infinity ? wholeTimeout(deadlineAt - sentAt) : undefined,
        metadata,
        mayHaveRun: number > 1 || undefined,
      };
      if (kind === 'event' && profile.can('event'))
        return { type: 'event', id, body: body.content, headers };
      if (profile.can('stream')) headers.credit = INITIAL_CREDIT;
      return { type: 'request', dialect, id, body: body.content, headers };
    }
  }
}

/** As headers can say it. */
function wholeTimeout(ms: number): number {
  return Math.min(Math.max(Math.floor(ms), 0), LONGEST_TIMEOUT_MS);
}
