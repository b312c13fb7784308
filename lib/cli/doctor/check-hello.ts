import { CAPABILITIES, type Hello, PROTOCOL_VERSION } from '../../protocol/hello.js';
import type { Frames, Pong } from '../../protocol/messages.js';
import { printable } from '../../zmtp/printable.js';
import { joined } from '../../frame.js';
import type { Conversation } from './conversation.js';
import { type Facts, type Finding, Problem } from './finding.js';
import type { Pings } from './pings.js';
import { listed, shownBytes, shownMs } from './words.js';

/** A server that has so little left will soon queue or refuse calls. */
const BUSY = 0.9;

/** A PING and its PONG: whether it is a freelance server, which dialect it speaks, and whether it takes calls. */
export async function checkHello(
  conversation: Conversation,
  pings: Pings,
  timeoutMs: number,
): Promise<Finding<Pong>> {
  const answer = await pings.ping(timeoutMs);
  if (answer.type === 'lost') {
    throw new Problem('it closes the connection when it gets a PING', notFreelance(conversation));
  }
  if (answer.type === 'silence') throw noPong(conversation, timeoutMs);
  const pong = answer.value;
  if (pong.type === 'other') throw noServer(conversation, pong.frames);
  if (pong.type === 'denied') {
    throw new Problem('the server does not, or no longer, authorize this client', [
      'Authorize the key or the user at the server; it may have been revoked. With libzmq, a client has to set its seal: PROTOCOL.md, "Security".',
    ]);
  }
  if (pong.dialect !== 'negotiated') {
    const summary =
      pong.dialect === 'basic'
        ? `the server ${shownId(pong.serverId)} speaks the basic dialect`
        : 'the server speaks the tracked dialect, in which it has no name';
    return {
      value: pong,
      summary,
      notes: [OLDER],
      facts: { dialect: pong.dialect, ...('serverId' in pong && { serverId: pong.serverId }) },
    };
  }
  const { hello } = pong;
  const facts = factsOf(hello);
  if (hello.state === 'draining')
    throw new Problem(
      `the server ${shownId(hello.id)} is draining: it leaves, and takes no new calls`,
      DRAINING,
      facts,
    );
  if (hello.state === 'unready')
    throw new Problem(
      `the server ${shownId(hello.id)} says that it is not ready: it takes no calls`,
      UNREADY,
      facts,
    );
  return {
    value: pong,
    summary: `the server ${shownId(hello.id)} is ready; protocol ${hello.protocol}, ${Math.round(100 * hello.load)} % of its places taken`,
    notes: notesOn(hello),
    warnings: warningsOn(hello),
    facts,
  };
}

function factsOf(hello: Hello): Facts {
  return { dialect: 'negotiated', serverId: hello.id, ...hello, id: undefined };
}

function notesOn({ maxMessageSize, capabilities, atMostOnce }: Hello): string[] {
  const patterns = atMostOnce === true ? 'all' : (atMostOnce?.length ?? 0);
  return [
    `It takes messages of up to ${maxMessageSize === undefined ? 'any size' : shownBytes(maxMessageSize)}; capabilities: ${listed(capabilities) || 'none'}.`,
    ...(atMostOnce
      ? [`It runs at most once: ${patterns} ${patterns === 1 ? 'pattern' : 'patterns'}.`]
      : []),
  ];
}

function warningsOn({ protocol, capabilities, load }: Hello): string[] {
  const missing = CAPABILITIES.filter((capability) => !capabilities.includes(capability));
  return [
    ...(protocol > PROTOCOL_VERSION
      ? [
          `It speaks version ${protocol} of the protocol, and this library ${PROTOCOL_VERSION}: update the clients.`,
        ]
      : []),
    ...(missing.length > 0
      ? [`It lacks ${listed(missing)}: what that means is in PROTOCOL.md.`]
      : []),
    ...(load >= BUSY
      ? [`${Math.round(100 * load)} % of its places are taken: calls wait, or are refused.`]
      : []),
  ];
}

function noServer(conversation: Conversation, frames: Frames): Problem {
  const { socketType } = conversation.peer;
  return new Problem(
    `it answers the PING with something else: ${shownFrames(frames)}`,
    notFreelance(conversation),
    { socketType },
  );
}

function noPong(conversation: Conversation, timeoutMs: number): Problem {
  const { socketType } = conversation.peer;
  return new Problem(
    `no PONG within ${shownMs(timeoutMs)}: it is a ZeroMQ socket, a ${socketType}, and not a freelance server that is ready`,
    [...notFreelance(conversation), ...(socketType === 'ROUTER' ? [SILENT_SERVERS] : [])],
    { socketType },
  );
}

function notFreelance({ peer: { socketType } }: Conversation): string[] {
  return [
    socketType === 'ROUTER'
      ? 'Check the port: a freelance server binds a ROUTER and answers PINGs, see PROTOCOL.md.'
      : `Check the port: a freelance server binds a ROUTER, and this is a ${socketType}. To make a server of it, see PROTOCOL.md.`,
  ];
}

const SILENT_SERVERS =
  'A server of the older dialects says nothing while it is not ready. One of this library may be busy: look at its event loop.';

const MOST_FRAMES = 4;
const MOST_BYTES = 40;

function shownFrames(frames: Frames): string {
  const shown = frames
    .slice(0, MOST_FRAMES)
    .map((frame) => `"${printable(joined(frame).subarray(0, MOST_BYTES))}"`);
  return shown.join(' ') + (frames.length > MOST_FRAMES ? ' …' : '');
}

function shownId(id: string): string {
  return JSON.stringify(id);
}

const OLDER =
  'No streams, events, cancellation, credit or drain: what the older dialects lack is in PROTOCOL.md.';

const DRAINING = [
  'Wait, or use another server: it was told to close. If it stays, look for a handler that never ends; drainTimeout bounds that.',
];

const UNREADY = [
  'Look at what the server itself checks: its handler of the pattern PING, or server.setReady(false).',
];
