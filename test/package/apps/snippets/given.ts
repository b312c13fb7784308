// What the snippets of the documentation use without saying where it comes from: the reader's own application.
import type {
  FreelanceClientProxy,
  FreelanceServerSecurity,
  FreelanceTransportServer,
} from 'nestjs-freelance';

/** `this` of a snippet. */
export declare class Given {
  readonly payments: FreelanceClientProxy;
  readonly search: FreelanceClientProxy;
  readonly cache: FreelanceClientProxy;
  readonly database: {
    stream(query: Query, options: { signal: AbortSignal }): AsyncIterable<Row>;
  };
  readonly bank: {
    charge(order: Order): Promise<number>;
  };
  readonly entries: Map<string, unknown>;
  readonly mayWithdraw: ReadonlySet<string>;
}

declare global {
  interface Query {
    readonly text: string;
  }
  interface Order {
    readonly cents: number;
  }
  interface Row {
    readonly id: number;
  }
  /** As of @nestjs/config. */
  class ConfigService {
    getOrThrow<T>(name: string): T;
  }
  const AppModule: new () => object;
  const CheckoutModule: new () => object;
  const MathModule: new () => object;
  const OrdersModule: new () => object;
  const order: Order;
  const query: Query;
  const key: string;
  const client: FreelanceClientProxy;
  const server: FreelanceTransportServer;
  const migrate: () => Promise<void>;
  const store: (row: Row) => Promise<void>;
  const publicKey: string;
  const newServerKey: string;
  const old: FreelanceServerSecurity;
  const young: FreelanceServerSecurity;
}
