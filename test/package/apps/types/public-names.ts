// Every name of the package root, used as its type says: compiled under each way to resolve modules.
import {
  type AroundHook,
  AtMostOnce,
  type AttemptReport,
  type Balancer,
  type BalancerName,
  type BroadcastFailure,
  type BroadcastReport,
  type CallErrorKind,
  type CallStats,
  type CertificateName,
  type ClientAttemptMessage,
  type ClientCallMessage,
  type ClientCallStats,
  type ClientStats,
  type CloseOptions,
  type CurveAuthorizer,
  type CurveClientSecurity,
  type CurveKeyPair,
  type CurveServerSecurity,
  type Dialect,
  type DiscoveryMessage,
  type DiscoveryStats,
  type DiscoveryWatch,
  type DrainMessage,
  type DroppedMessage,
  type DropReason,
  type EndpointDiscovery,
  type EndpointStats,
  type FailoverMessage,
  FREELANCE_TRANSPORT,
  type FreelanceCallOptions,
  type FreelanceCertificate,
  type FreelanceClientEvents,
  type FreelanceClientListener,
  type FreelanceClientOptions,
  FreelanceClientProxy,
  type FreelanceClientSecurity,
  FreelanceContext,
  type FreelanceEngine,
  FreelanceError,
  type FreelanceErrorCode,
  type FreelanceErrorOptions,
  type FreelanceInfo,
  type FreelanceInstrument,
  type FreelancePeer,
  FreelanceRecord,
  FreelanceRecordBuilder,
  type FreelanceServerEvents,
  type FreelanceServerOptions,
  type FreelanceServerSecurity,
  type FreelanceStats,
  type FreelanceStatus,
  FreelanceTransportServer,
  generateCurveKeyPair,
  type HealthState,
  type HedgeOptions,
  instrument,
  type LatencyBucket,
  type LatencyStats,
  type MalformedReason,
  type Metadata,
  type PatternInfo,
  type PickContext,
  type PriorityShare,
  type PlainAuthorizer,
  type PlainClientSecurity,
  type PlainServerSecurity,
  type RefusalReason,
  type RefusedMessage,
  type RetryBudgetOptions,
  type ServerCallMessage,
  type ServerErrorKind,
  type ServerIdentityCheck,
  type ServerLimits,
  type ServerState,
  type ServerStateMessage,
  type ServerStats,
  type ServerTarget,
  type ServerView,
  type SubsetOptions,
  type TlsAuthorizer,
  type TlsClientSecurity,
  type TlsServerSecurity,
  type TelemetryClient,
  type TelemetryServer,
} from 'nestjs-freelance';
import type { Observable } from 'rxjs';

export const transport: symbol = FREELANCE_TRANSPORT;

export const serverOptions: FreelanceServerOptions = { bind: 'tcp://127.0.0.1:*' };

export function serve(listening: FreelanceServerEvents['listening']): ServerStats {
  const server = new FreelanceTransportServer(serverOptions);
  server.on('listening', listening);
  return server.stats();
}

export const pair: CurveKeyPair = generateCurveKeyPair();

export const authorizers: [CurveAuthorizer, PlainAuthorizer] = [
  (publicKey, address) => publicKey !== address,
  async (username, password, address) => username !== password && address !== '',
];

export const curve: [CurveServerSecurity, CurveClientSecurity] = [
  { mechanism: 'curve', ...pair, authorizedClients: 'any' },
  { mechanism: 'curve', ...pair, serverKey: { 'tcp://10.0.0.1:5555': pair.publicKey } },
];

export const tls = (
  server: TlsServerSecurity,
  client: TlsClientSecurity,
): [TlsAuthorizer | undefined, ServerIdentityCheck | undefined] => [
  typeof server.authorizedClients === 'function' ? server.authorizedClients : undefined,
  client.checkServerIdentity,
];

export const subject = ({ subject: name }: FreelanceCertificate): CertificateName => name;

export const plain: [PlainServerSecurity, PlainClientSecurity] = [
  { mechanism: 'plain', authorizedUsers: { alice: 'secret' } },
  { mechanism: 'plain', username: 'alice', password: 'secret' },
];

export const serverSecurity: FreelanceServerSecurity[] = [curve[0], plain[0]];
export const clientSecurity: FreelanceClientSecurity[] = [curve[1], plain[1]];

export function whoCalls(ctx: FreelanceContext): FreelancePeer | undefined {
  return ctx.getPeer();
}

export const balancerName: BalancerName = 'p2c';

export const first: Balancer = {
  pick: <T extends ServerView>(servers: readonly [T, ...T[]], _context: PickContext): T =>
    servers[0],
};

export const clientOptions: FreelanceClientOptions = { endpoints: [], balancer: first };

export const listener: FreelanceClientListener = (endpoint, reason) =>
  console.log(endpoint.length + reason.length);

export function connect(event: keyof FreelanceClientEvents): Observable<FreelanceStatus> {
  const client = new FreelanceClientProxy(clientOptions);
  client.on(event, listener);
  return client.status;
}

export const drain = (client: FreelanceClientProxy): Promise<void> => client.close({ drain: true });

export function close(client: FreelanceClientProxy, options: CloseOptions): void {
  const unsubscribe: () => void = client.once('up', listener);
  unsubscribe();
  client.off('up', listener);
  client.close(options);
}

export function endpoints({ endpoints: known }: ClientStats): EndpointStats[] {
  return Object.values(known);
}

export const shares = ({ priorities }: ClientStats): PriorityShare[] => priorities;

export const states = ({ endpoints: known }: ClientStats): HealthState[] =>
  Object.values(known).map(({ state }) => state);

export const speaks = ({ dialect }: EndpointStats, wanted: Dialect): boolean => dialect === wanted;

export const dropped = ({ dropped: counts }: ServerStats, reason: DropReason): number =>
  counts[reason] ?? 0;

export const turnedAway = ({ refused }: ServerStats, reason: RefusalReason): number =>
  refused[reason] ?? 0;
export const unreadable: MalformedReason & DropReason = 'invalid-json';

export const tenant = (context: FreelanceContext): Metadata => context.getMetadata();

export const hasAnyone = (report: BroadcastReport): boolean => report.accepted.length > 0;

export const whoFailed = ({ failed }: FreelanceError): BroadcastFailure[] => [...failed];

export const causedBy = (cause: Error): FreelanceErrorOptions => ({ cause, failed: [] });

export const retryBudget: RetryBudgetOptions = { ratio: 0.5 };

export const target: ServerTarget = { endpoint: 'tcp://10.0.0.1:5555', zone: 'a', weight: 2 };

async function* watch({ signal }: DiscoveryWatch): AsyncGenerator<ServerTarget[]> {
  if (!signal.aborted) yield [target];
}
export const discovery: EndpointDiscovery = { name: 'mine', watch };
export const discovering = new FreelanceClientProxy({ endpoints: discovery });
export const found = (stats: DiscoveryStats, message: DiscoveryMessage): number =>
  stats.servers - message.servers.length;

export const subset: SubsetOptions = { size: 20, index: 3 };

export const hedge: HedgeOptions = { after: 50 };

export const callOptions: FreelanceCallOptions = { timeout: 100 };

export function record(data: number): FreelanceRecord<number> {
  return new FreelanceRecordBuilder(data).setMetadata({ tenant: 'acme' }).build();
}

export const once: MethodDecorator = AtMostOnce();

export const attempt = (context: FreelanceContext): number => context.getAttempt();

export const code = (error: FreelanceError): FreelanceErrorCode => error.code;

export const engine: FreelanceEngine = 'node';

export const outcomes = (attempts: readonly AttemptReport[]): string[] =>
  attempts.map(({ outcome }) => outcome);

// Were one of the classes typed as `any`, these would be no errors.
// @ts-expect-error A number is no address.
export const badServer = new FreelanceTransportServer({ bind: 5555 });
// @ts-expect-error A number is no list of addresses.
export const badClient = new FreelanceClientProxy({ endpoints: 5555 });
// @ts-expect-error There is no such code.
export const badCode: FreelanceErrorCode = 'NO_SUCH_CODE';
// @ts-expect-error There is no such event.
export const badEvent = (client: FreelanceClientProxy) => client.on('upp', listener);
// @ts-expect-error There is no such event.
export const badServerEvent = (server: FreelanceTransportServer) => server.off('up', listener);

export const offered = ({ patterns }: FreelanceInfo): PatternInfo[] => [...patterns];
export const limits = (info: FreelanceInfo): ServerLimits => info.limits;
export const counted = (answer: FreelanceStats): ServerStats => answer.stats;

export const countedAt = ({ latency }: CallStats<ServerErrorKind>): LatencyStats => latency;
export const firstBucket = ({ buckets }: LatencyStats): LatencyBucket | undefined => buckets[0];
export const errorsOf = (stats: ClientCallStats, kind: CallErrorKind): number =>
  stats.errors[kind] ?? 0;
const around: AroundHook<ClientCallMessage> = (call, next) => {
  call.metadata['tenant'] = call.pattern;
  next();
};
export const hooks: FreelanceInstrument = { aroundClientCall: around };
export const remove: () => void = instrument(hooks);
export const messages = (
  tried: ClientAttemptMessage,
  served: ServerCallMessage,
  leaving: DrainMessage,
  drop: DroppedMessage,
  failover: FailoverMessage,
  refused: RefusedMessage,
  change: ServerStateMessage,
): unknown[] => [
  tried.call.pattern,
  served.clientId,
  leaving.phase,
  drop.reason,
  failover.from,
  refused.pattern,
  change.to,
];

export const isReady = (state: ServerState): boolean => state === 'ready';
export const named = (client: TelemetryClient, server: TelemetryServer): string =>
  `${client.name || client.id} ${server.id} ${server.endpoints.join()}`;
