import {
  type AttemptReport,
  FreelanceError,
  type FreelanceErrorCode,
} from '../../core/freelance-error.js';
import { reasonOf } from '../../core/health.js';
import { shownTarget } from '../../core/server-target.js';
import { plainText } from '../../core/plain-text.js';
import { MAX_HEADERS, type Pattern } from '../../protocol/headers.js';
import type { CallRequest } from './call-contract.js';
import type { Call, Server } from './call.js';
import type { ServerOrigin } from './server-origin.js';

/**
 * The error of the client itself, or of a call: what happened, at which endpoint, what to do.
 *
 * @param origin who names the servers; undefined if they are listed
 */
export function describeFailure(
  code: FreelanceErrorCode,
  links: readonly Server[],
  origin: ServerOrigin | undefined,
  call?: Call,
  now = call?.startedAt ?? 0,
): FreelanceError {
  const sentences: string[] = [];
  const reports = reportsOf(call);
  const isPastDeadline = code === 'ETIMEDOUT' && call !== undefined && now >= call.deadlineAt;
  const isUnsentInTime = isPastDeadline && call.handedOver === 0;
  if (call) {
    const ms = Math.round(now - call.startedAt);
    const happened = isUnsentInTime ? UNSENT_IN_TIME : HAPPENED[code];
    const pattern = shownPattern(call.request.pattern);
    sentences.push(`The call ${pattern} ${happened}${mayHaveRun(code, call)} (${ms} ms)`);
    if (reports.length > 0) {
      const { unreported = 0 } = call.history ?? {};
      const before = unreported > 0 ? `${unreported} times before; ` : '';
      const latest = reports
        .map((report) => `${shownTarget(report)}, ${report.outcome}`)
        .join('; ');
      sentences.push(`Tried: ${before}${latest}`);
    }
  } else {
    sentences.push(`The client ${HAPPENED[code]}`);
  }
  if (isUnsentInTime || TELLS_SERVERS.has(code)) {
    const none = origin ? 'none' : 'none is configured';
    sentences.push(`Servers: ${links.map(describeLink).join('; ') || none}`);
    const discovery = origin?.describe();
    if (discovery !== undefined) sentences.push(discovery);
    if (links.some(isMuteToGuide)) sentences.push(GUIDE_ADVICE);
  }
  if (call?.history?.lackedBudget) sentences.push(BUDGET_SPENT);
  else if (isUnsentInTime) sentences.push(UNSENT_ADVICE);
  else if (isPastDeadline) sentences.push(DEADLINE_ADVICE);
  else if (code in ADVICE) sentences.push(`${ADVICE[code]}`);
  return new FreelanceError(code, `${sentences.join('. ')}.`, reports, {
    mayHaveRun: call?.handedOver ?? 0,
  });
}

/** @param calls how many more it would have had open */
export function describeOverload(maxPending: number, calls = 1): FreelanceError {
  const allows =
    calls === 1
      ? `The client has ${maxPending} calls open, as many as maxPending allows: this one`
      : `A broadcast is one call for each of ${calls} servers, and the client would have more calls open than ` +
        `maxPending allows, ${maxPending}: it`;
  return new FreelanceError(
    'OVERLOADED',
    `${allows} was not tried. Call less at a time, add servers, or raise maxPending.`,
  );
}

/** @param by what of the user's has the call, and has had it for too long */
export function describeHeld(
  code: 'ETIMEDOUT' | 'CLOSED',
  by: 'serializer' | 'deserializer',
): FreelanceError {
  const [ran, servers] = by === 'serializer' ? ['was not sent', 0] : ['has run', 1];
  const why = code === 'CLOSED' ? 'The client was closed' : 'The deadline of a call has passed';
  return new FreelanceError(
    code,
    `${why} before the promise of its ${by} had settled. The call ${ran}. See what the ${by} waits for.`,
    [],
    { mayHaveRun: servers },
  );
}

/** @param method of the record, which says who is to have the call */
export function describeSubset(method: string): FreelanceError {
  return new FreelanceError(
    'BAD_OPTIONS',
    `${method}() needs a client that watches every server, and by the option "subset" this one watches a ` +
      'part of them: the call was not sent. Make such calls with a client that has no "subset".',
  );
}

/** An error that knows nothing of the call, with what the call has been through. */
export function toldOf(call: Call, { code, message, cause }: FreelanceError): FreelanceError {
  const { handedOver: servers } = call;
  return new FreelanceError(code, message, reportsOf(call), { cause, mayHaveRun: servers });
}

function reportsOf(call: Call | undefined): AttemptReport[] {
  return [...(call?.history?.reports ?? [])];
}

/** @param server that allows no more, if it is not the client itself; and the call that was to go there */
export function describeTooLarge(
  { pattern, body }: Pick<CallRequest, 'pattern' | 'body'>,
  bound: number,
  server?: { readonly endpoint: string; readonly call: Call },
): FreelanceError {
  const servers = server?.call.handedOver ?? 0;
  const whose = server ? `the server ${server.endpoint}` : 'maxMessageSize of this client';
  const sent = servers > 0 ? 'may have run, and was not sent again' : 'was not sent';
  return new FreelanceError(
    'EMSGSIZE',
    `The call ${shownPattern(pattern)} ${sent}: its data has ${Buffer.byteLength(body.content)} bytes, ` +
      `and ${whose} allows ${bound}. Send less at a time, or raise maxMessageSize at both sides.`,
    reportsOf(server?.call),
    { mayHaveRun: servers },
  );
}

function shownPattern(pattern: Pattern): string {
  return plainText(JSON.stringify(pattern));
}

export function describeLongHeaders(request: Pick<CallRequest, 'pattern' | 'metadata'>) {
  const { pattern, metadata } = request;
  const length = JSON.stringify(pattern).length + JSON.stringify(metadata ?? {}).length;
  return new FreelanceError(
    'EMSGSIZE',
    `A call was not sent: its pattern and its metadata have ${length} characters, and together they may take ` +
      `${MAX_HEADERS} bytes. What is longer belongs into the data. The pattern begins ` +
      `${plainText(JSON.stringify(pattern), 64)}.`,
  );
}

const HAPPENED: Record<FreelanceErrorCode, string> = {
  ECONNREFUSED: 'found no server that could be reached',
  ETIMEDOUT: 'had no answer in time',
  ECONNRESET: 'lost its server after it was sent',
  OVERLOADED: 'found no server with room for it',
  EMSGSIZE: 'is too large',
  CANCELLED: 'was cancelled',
  CLOSED: 'was ended because the client was closed',
  STREAM_BROKEN: 'lost its server after its first value',
  UNAUTHORIZED: 'was not let in by any server',
  PROTOCOL: 'was answered with something that cannot be read',
  BROADCAST: 'failed at some server',
  BALANCER: 'was given no server by the balancer',
  BAD_OPTIONS: 'has a wrong option',
};

const ADVICE: Partial<Record<FreelanceErrorCode, string>> = {
  ECONNREFUSED:
    'Check that servers listen there, with the security that this client has, and are ready, or raise connectTimeout',
  ETIMEDOUT: 'See why the handler is slow, or raise requestTimeout, the time of one attempt',
  ECONNRESET: 'It is sent again only if it is idempotent, and at most maxAttempts times in all',
  OVERLOADED:
    'Call less at a time, or add servers; if calls may wait for their turn, raise maxQueueWait at the servers',
  UNAUTHORIZED:
    'Authorize its key or certificate (authorizedClients, server.authorize), or its name and password (authorizedUsers), at the servers; or give it the security that they have',
  STREAM_BROKEN: 'Subscribe again to start it anew',
  PROTOCOL: 'Check that both sides agree on how bodies are written',
};

/** Codes of calls that no server took, so that the state of each server explains the error. */
const TELLS_SERVERS: ReadonlySet<FreelanceErrorCode> = new Set([
  'ECONNREFUSED',
  'OVERLOADED',
  'UNAUTHORIZED',
]);

/** Codes that say by themselves that it ran. */
const HAS_RUN: ReadonlySet<FreelanceErrorCode> = new Set(['STREAM_BROKEN', 'PROTOCOL']);

function mayHaveRun(code: FreelanceErrorCode, { handedOver: servers }: Call): string {
  if (servers > 1) return `, and may have run at ${servers} servers`;
  return servers === 0 || HAS_RUN.has(code) ? '' : ', and may have run';
}

const UNSENT_IN_TIME = 'found no server before its deadline, and did not run';

const MORE_TIME =
  'give the call more time (setTimeout, the option timeout, or the deadline of the call that it was made for)';
const DEADLINE_ADVICE = `Its deadline has passed: see why the handler is slow, or ${MORE_TIME}`;
const UNSENT_ADVICE = `Check that servers listen there and are ready, or ${MORE_TIME}`;

const MUTE_TO_GUIDE = 'it is connected, and does not answer a PING of the guide dialect';
const GUIDE_ADVICE =
  'A server of this library answers in the guide dialect only with its option guideIdentity, and while it is ready: give it that ' +
  "option, or leave out dialect: 'guide' at this client";

const BUDGET_SPENT =
  'It was not tried again, because the retry budget is spent: too large a share of the calls needs more than ' +
  'one attempt. See why the servers are slow or fail, or raise retryBudget if they can take the load';

function describeLink(link: Server): string {
  const server = shownTarget(link.target);
  return link.isRemoved ? `${server} was removed` : `${server} is ${describeHealth(link)}`;
}

/** A server that does not speak the dialect says nothing at all: a lone PING means nothing to it. */
function isMuteToGuide({ target, isMute }: Server): boolean {
  return target.dialect === 'guide' && isMute;
}

export function describeHealth(server: Server): string {
  const { health, state } = server;
  const reason = isMuteToGuide(server) ? MUTE_TO_GUIDE : reasonOf(health);
  return reason === '' ? state : `${state} (${reason})`;
}
