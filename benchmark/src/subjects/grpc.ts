import { type ClientGrpc, ClientProxyFactory, Transport } from '@nestjs/microservices';
import { fileURLToPath } from 'node:url';
import { firstValueFrom, type Observable } from 'rxjs';
import { GrpcController } from '../app/grpc.controller.js';
import { orderOf } from '../app/order.js';
import { freeAddress } from '../processes/free-address.js';
import { nestServer } from './nest-server.js';
import { type Client, only } from './subject.js';

type Service = Readonly<Record<string, (message: unknown) => Observable<unknown>>>;

const at = (url: string) => ({
  transport: Transport.GRPC as const,
  options: {
    url,
    package: 'benchmark',
    protoPath: fileURLToPath(new URL('../../proto/benchmark.proto', import.meta.url)),
  },
});

export async function serve(): Promise<string> {
  const url = await freeAddress();
  await nestServer(at(url), GrpcController);
  return url;
}

export async function connect(servers: readonly string[]): Promise<Client> {
  const client: ClientGrpc = ClientProxyFactory.create(at(only(servers)));
  const service = client.getService<Service>('Benchmark');
  const call = (pattern: string, data: unknown) => {
    const method = service[pattern];
    if (!method) throw new Error(`benchmark.proto has no method '${pattern}'`);
    return method(Buffer.isBuffer(data) ? { data } : data);
  };
  // A gRPC client connects at its first call.
  await firstValueFrom(call('order', orderOf(0)));
  return { call: (pattern, data, observer) => void call(pattern, data).subscribe(observer) };
}
