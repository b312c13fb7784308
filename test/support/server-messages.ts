import type { RequestHeaders } from '../../lib/protocol/headers.js';
import type { Hello } from '../../lib/protocol/hello.js';
import type { FakeServerSocket } from './fake-sockets.js';

const bytes = (text: string) => Buffer.from(text);

export function says(socket: FakeServerSocket, peer: string, hello: Partial<Hello> = {}): void {
  socket.hears(peer, {
    type: 'ping',
    dialect: 'negotiated',
    id: '1',
    time: 't',
    hello: { protocol: 2, id: peer, capabilities: [], state: 'ready', load: 0, ...hello },
  });
}

export function calls(
  socket: FakeServerSocket,
  peer: string,
  id: string,
  headers: Partial<RequestHeaders> = {},
): void {
  socket.hears(peer, {
    type: 'request',
    dialect: 'negotiated',
    id,
    body: bytes(JSON.stringify(id)),
    headers: { pattern: 'work', type: 'json', attempt: 1, ...headers },
  });
}

export function emits(
  socket: FakeServerSocket,
  peer: string,
  id: string,
  headers: Partial<RequestHeaders> = {},
): void {
  socket.hears(peer, {
    type: 'event',
    id,
    body: bytes(JSON.stringify(id)),
    headers: { pattern: 'news', type: 'json', attempt: 1, ...headers },
  });
}

export function callsUntyped(socket: FakeServerSocket, peer: string, id: string): void {
  const body = bytes(JSON.stringify({ pattern: 'work', data: id }));
  socket.hears(peer, { type: 'request', dialect: 'tracked', id, body });
}

/** What that peer was answered: the id of each call, and what became of it. */
export function answersTo(socket: FakeServerSocket, peer: string): string[] {
  return socket.receivedBy(peer).map((message) => {
    if (message.type !== 'reply')
      return 'id' in message ? `${message.id} ${message.type}` : message.type;
    const text = message.body instanceof Buffer ? message.body.toString() : '';
    if (message.dialect === 'basic') return text;
    if (message.dialect !== 'negotiated') return `${message.id} ${text}`;
    const { status } = message.headers;
    const reason = status === 'refused' ? (JSON.parse(text) as { reason: string }).reason : text;
    return `${message.id} ${status} ${reason}`.trim();
  });
}
