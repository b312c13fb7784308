import { encodeRequestHeaders, isLong, MAX_HEADERS, type RequestHeaders } from './headers.js';
import type { Content } from './content.js';

/** UTF-8 has at most so many bytes for each unit of a string. */
const MOST_BYTES_PER_UNIT = 3;

/** Whether that is more bytes than so many. Text is counted only if it may be. */
export function exceeds(content: Content, bytes: number): boolean {
  if (content.length > bytes) return true;
  if (typeof content !== 'string' || content.length * MOST_BYTES_PER_UNIT <= bytes) return false;
  return Buffer.byteLength(content) > bytes;
}

/** Whether headers are longer than a peer reads. They are written to find out only if they may be. */
export function areTooLong(headers: Pick<RequestHeaders, 'pattern' | 'metadata'>): boolean {
  if (!isLong(headers)) return false;
  return exceeds(encodeRequestHeaders({ ...headers, ...OTHER_MEMBERS }), MAX_HEADERS);
}

/** As long as the other members of headers can be. */
const OTHER_MEMBERS = {
  type: 'bytes',
  serialized: true,
  attempt: Number.MAX_SAFE_INTEGER,
  timeout: Number.MAX_SAFE_INTEGER,
  credit: Number.MAX_SAFE_INTEGER,
  mayHaveRun: true,
} as const;
