import { type FreelanceClientOptions, FreelanceClientProxy } from 'nestjs-freelance';

/** A client in this process, which closes at the end of its block. */
export async function connectTo(
  endpoints: FreelanceClientOptions['endpoints'],
  options: Partial<FreelanceClientOptions> = {},
): Promise<FreelanceClientProxy & Disposable> {
  const client = new FreelanceClientProxy({ endpoints, ...options });
  await client.connect();
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

/** Clients that watch the servers without calling any. */
export class Crowd implements Disposable {
  private constructor(private readonly clients: readonly FreelanceClientProxy[]) {}

  static async gather(size: number, endpoints: readonly string[]): Promise<Crowd> {
    return new Crowd(await Promise.all(Array.from({ length: size }, () => connectTo(endpoints))));
  }

  get size(): number {
    return this.clients.length;
  }

  [Symbol.dispose](): void {
    for (const client of this.clients) client.close();
  }
}
