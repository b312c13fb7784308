// Every name of the subpath contract, used as its type says: compiled under each way to resolve modules.
import { Module } from '@nestjs/common';
import { ClientProxy } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import {
  type Contract,
  type ContractArguments,
  type ContractAsyncRegistration,
  type ContractCall,
  type ContractClient,
  contract,
  contractClient,
  type ContractEntries,
  type ContractEntry,
  ContractError,
  type ContractErrorCode,
  type ContractHandler,
  type ContractHandlers,
  type ContractImplementation,
  type ContractIssue,
  type ContractMethod,
  type ContractOptionsFactory,
  type ContractRegistration,
  ContractsModule,
  type ContractsModuleAsyncOptions,
  type ContractsModuleOptions,
  type ContractStream,
  type ContractViolation,
  type EntryKind,
  type EntryOptions,
  event,
  getContractToken,
  Implements,
  type ImplementsOptions,
  InjectContract,
  type PayloadOptions,
  type ReservedEntryName,
  type ResultOptions,
  rpc,
  type SchemaInput,
  type SchemaOutput,
  type StandardSchema,
  type StandardSchemaIssue,
  type StandardSchemaProps,
  type StandardSchemaResult,
  stream,
  unchecked,
} from 'nestjs-freelance/contract';
import type { Observable } from 'rxjs';

interface PlaceOrder {
  readonly item: string;
}
interface Receipt {
  readonly id: number;
}

declare const count: StandardSchema<
  { item: string; count: string },
  { item: string; count: number }
>;

const entries = {
  place: rpc<PlaceOrder, Receipt>({ atMostOnce: true, description: 'Places an order' }),
  stock: rpc({ payload: count, result: unchecked<number>() }),
  list: stream<string, Receipt>({ pattern: { cmd: 'list' } }),
  cancelled: event<number>(),
} satisfies ContractEntries;

export const orders: Contract<typeof entries> = contract('orders', entries);
export type Orders = typeof orders;
export type OrdersClient = ContractClient<Orders>;

@Implements(orders)
export class OrdersController {
  async place(order: PlaceOrder, context: FreelanceContext): Promise<Receipt> {
    return { id: order.item.length + context.getAttempt() };
  }

  stock(data: { item: string; count: number }): number {
    return data.count;
  }

  async *list(query: string): AsyncGenerator<Receipt> {
    yield { id: query.length };
  }

  cancelled(id: number): void {
    console.log(id);
  }
}
export const handlers: ContractHandlers<Orders> = new OrdersController();

// @ts-expect-error A handler is missing.
@Implements(orders)
export class NoHandlers {}

const options: ImplementsOptions = { validateResults: true };
// @ts-expect-error The payload of another entry.
@Implements(orders, options)
export class WrongPayload extends OrdersController {
  override stock(data: { item: string; count: number; shelf: number }): number {
    return data.shelf;
  }
}

export class Checkout {
  @InjectContract(orders)
  private readonly other!: OrdersClient;

  constructor(@InjectContract(orders) private readonly client: OrdersClient) {}

  async place(order: PlaceOrder): Promise<number> {
    const call: ContractCall<Receipt> = this.client.place(order, { timeout: 800 });
    const observable: Observable<Receipt> = call;
    observable.subscribe();
    const receipts: ContractStream<Receipt> = this.client.list('tea');
    for await (const { id } of receipts) await this.other.cancelled(id);
    const { accepted } = await this.client.cancelled(1, { broadcast: true });
    const left: number = await this.client.stock({ item: order.item, count: '3' });
    return (await call).id + accepted.length + left;
  }
}

// A declaration file can name what it takes and returns.
export const methodsOf = ({ place, list, cancelled }: OrdersClient) => ({ place, list, cancelled });

type Place = Orders['entries']['place'];
export const audited =
  (place: ContractMethod<Place>) =>
  (...[order]: ContractArguments<PlaceOrder>): ContractCall<Receipt> =>
    place(order);
export const place: ContractHandler<Place> = ({ item }) => ({ id: item.length });
export const controllers: ContractImplementation<Orders>[] = [OrdersController];
// @ts-expect-error A client with such a method would make a call when it is logged.
export const wrongName = contract('orders', { toJSON: rpc() });
export const never: ReservedEntryName[] = ['then', 'toJSON'];

// @ts-expect-error What the schema yields is not what callers send.
export const badPayload = (client: OrdersClient) => client.stock({ item: 'tea', count: 3 });
// @ts-expect-error There is no such entry.
export const badEntry = (client: OrdersClient) => client.plaec({ item: 'tea' });
// @ts-expect-error A receipt is no text.
export const badResult = (client: OrdersClient): Promise<string> => client.place({ item: '' });

const registration: ContractRegistration = { contract: orders, endpoints: 'tcp://10.0.0.1:5555' };
const registrations: ContractsModuleOptions = { isGlobal: true, clients: [registration] };
class Endpoints implements ContractOptionsFactory {
  createContractOptions() {
    return { endpoints: 'tcp://10.0.0.1:5555' };
  }
}
const later: ContractAsyncRegistration = { contract: [orders], useClass: Endpoints };
const allLater: ContractsModuleAsyncOptions = [
  later,
  {
    contract: orders,
    inject: [Endpoints],
    useFactory: (endpoints: Endpoints) => endpoints.createContractOptions(),
  },
];
@Module({
  imports: [ContractsModule.register(registrations), ContractsModule.registerAsync(allLater)],
})
export class AppModule {}

export const token: string = getContractToken(orders);
export const overTcp = (proxy: ClientProxy): OrdersClient => contractClient(orders, proxy);

export function told(error: ContractError): [ContractErrorCode, ContractViolation, string[]] {
  const issues: readonly ContractIssue[] = error.issues;
  return [error.code, error.getError(), issues.map(({ message }) => message)];
}

export const kindOf = ({ kind }: ContractEntry): EntryKind => kind;
export const described: EntryOptions = { description: 'text' };
export const withPayload: PayloadOptions<typeof count> = { payload: count };
export const withResult: ResultOptions<typeof count> = { result: count };
export const sent: SchemaInput<typeof count> = { item: 'tea', count: '3' };
export const received: SchemaOutput<typeof count> = { item: 'tea', count: 3 };
export const props: StandardSchemaProps<string> = {
  version: 1,
  vendor: 'mine',
  validate: (value): StandardSchemaResult<string> => {
    const issue: StandardSchemaIssue = { message: 'no text', path: ['text'] };
    return typeof value === 'string' ? { value } : { issues: [issue] };
  },
};
export const schema: StandardSchema<string> = { '~standard': props };
