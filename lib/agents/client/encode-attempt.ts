import { INITIAL_CREDIT } from '../../core/credit-window.js';
import type { RequestHeaders } from '../../protocol/headers.js';
import type { ClientMessage } from '../../protocol/messages.js';
import { encodeUntypedRequest } from '../../protocol/untyped.js';
import type { Call } from './call.js';
import type { Tongue } from './tongue.js';

/** The message of one attempt, in the tongue of the server that it goes to. */
export function encodeAttempt(
  call: Call,
  attempt: number,
  tongue: Tongue,
  now: number,
): ClientMessage {
  const { kind, pattern, body, metadata } = call.request;
  const { dialect = 'negotiated' } = tongue;
  const id = Buffer.from(call.id);
  switch (dialect) {
    case 'basic':
      return { type: 'request', dialect, body: encodeUntypedRequest(pattern, body) };
    case 'tracked':
      return { type: 'request', dialect, id, body: encodeUntypedRequest(pattern, body) };
    case 'negotiated': {
      const headers: RequestHeaders = {
        pattern,
        type: body.type,
        ...(body.serialized && { serialized: true }),
        attempt,
        ...(call.deadlineAt < Infinity && {
          timeout: Math.max(Math.floor(call.deadlineAt - now), 0),
        }),
        ...(metadata && { metadata }),
      };
      if (kind === 'event' && tongue.can('event'))
        return { type: 'event', id, body: body.bytes, headers };
      if (tongue.can('stream')) headers.credit = INITIAL_CREDIT;
      return { type: 'request', dialect, id, body: body.bytes, headers };
    }
  }
}
