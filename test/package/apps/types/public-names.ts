// Every name of the package root, used as its type says: compiled under each way to resolve modules.
import {
  AtMostOnce,
  type AttemptReport,
  type Balancer,
  type BalancerName,
  type BroadcastFailure,
  type BroadcastReport,
  type CertificateName,
  type ClientStats,
  type CurveAuthorizer,
  type CurveClientSecurity,
  type CurveKeyPair,
  type CurveServerSecurity,
  type Dialect,
  type DropReason,
  type EndpointStats,
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
  type FreelancePeer,
  FreelanceRecord,
  FreelanceRecordBuilder,
  type FreelanceServerEvents,
  type FreelanceServerOptions,
  type FreelanceServerSecurity,
  type FreelanceStatus,
  FreelanceTransportServer,
  generateCurveKeyPair,
  type HealthState,
  type HedgeOptions,
  type MalformedReason,
  type Metadata,
  type PickContext,
  type PlainAuthorizer,
  type PlainClientSecurity,
  type PlainServerSecurity,
  type RefusalReason,
  type RetryBudgetOptions,
  type ServerIdentityCheck,
  type ServerStats,
  type ServerView,
  type SubsetOptions,
  type TlsAuthorizer,
  type TlsClientSecurity,
  type TlsServerSecurity,
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

export function endpoints({ endpoints: known }: ClientStats): EndpointStats[] {
  return Object.values(known);
}

export const states = ({ endpoints: known }: ClientStats): HealthState[] =>
  Object.values(known).map(({ state }) => state);

export const speaks = ({ dialect }: EndpointStats, wanted: Dialect): boolean => dialect === wanted;

export const dropped = ({ dropped: counts }: ServerStats, reason: DropReason): number =>
  counts[reason] ?? 0;

export const turnedAway = ({ refused }: ServerStats, reason: RefusalReason): number =>
  refused[reason] ?? 0;
export const unreadable: MalformedReason & DropReason = 'invalid JSON';

export const tenant = (context: FreelanceContext): Metadata => context.getMetadata();

export const hasAnyone = (report: BroadcastReport): boolean => report.accepted.length > 0;

export const whoFailed = ({ failed }: FreelanceError): BroadcastFailure[] => [...failed];

export const causedBy = (cause: Error): FreelanceErrorOptions => ({ cause, failed: [] });

export const retryBudget: RetryBudgetOptions = { ratio: 0.5 };

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
