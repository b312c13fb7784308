import type { Dialect, Frames } from '../../protocol/messages.js';
import { encodeClientMessage } from '../../protocol/plain-frames.js';
import { encodeUntypedRequest } from '../../protocol/untyped.js';
import type { Call } from './call.js';

/** The REQUEST of one attempt, in the dialect of the server that it goes to. */
export function encodeAttempt(call: Call, number: number, dialect: Dialect, now: number): Frames {
  const { pattern, body, metadata } = call.request;
  if (dialect === 'basic') {
    return encodeClientMessage({
      type: 'request',
      dialect,
      body: encodeUntypedRequest(pattern, body),
    });
  }
  const id = Buffer.from(call.id);
  if (dialect === 'tracked') {
    return encodeClientMessage({
      type: 'request',
      dialect,
      id,
      body: encodeUntypedRequest(pattern, body),
    });
  }
  const headers = {
    pattern,
    type: body.type,
    attempt: number,
    ...(call.deadlineAt < Infinity && { timeout: Math.max(Math.floor(call.deadlineAt - now), 0) }),
    ...(metadata && { metadata }),
  };
  return encodeClientMessage({ type: 'request', dialect, id, body: body.bytes, headers });
}
