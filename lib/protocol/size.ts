import { encodeRequestHeaders } from './encode-headers.js';
import { isLong, MAX_HEADERS, type RequestHeaders } from './headers.js';
import type { Content } from './content.js';

/** UTF-8 needs at most this many bytes per UTF-16 code unit. */
const MOST_BYTES_PER_UNIT = 3;

/** Whether the content has more bytes than that. Text is measured only if its length leaves that open. */
export function exceeds(content: Content, bytes: number): boolean {
  if (content.length > bytes) return true;
  if (typeof content !== 'string' || content.length * MOST_BYTES_PER_UNIT <= bytes) return false;
  return Buffer.byteLength(content) > bytes;
}

/** Whether headers are longer than a peer accepts. They are encoded to find out only if they might be. */
export function areTooLong(headers: Pick<RequestHeaders, 'pattern' | 'metadata'>): boolean {
  if (!isLong(headers)) return false;
  return exceeds(encodeRequestHeaders({ ...headers, ...OTHER_MEMBERS }), MAX_HEADERS);
}

/** The other members of headers, at their longest. */
const OTHER_MEMBERS = {
  type: 'bytes',
  serialized: true,
  attempt: Number.MAX_SAFE_INTEGER,
  timeout: Number.MAX_SAFE_INTEGER,
  credit: Number.MAX_SAFE_INTEGER,
  mayHaveRun: true,
} as const;
