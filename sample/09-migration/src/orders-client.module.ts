import { type DynamicModule, Module } from '@nestjs/common';
import { type ClientProxy, ClientsModule, Transport } from '@nestjs/microservices';
import { contractClient, ContractsModule, getContractToken } from 'nestjs-freelance/contract';
import { orders } from './orders.contract.js';

/** The caller's configuration. To move a caller is to change it, and so is to move it back. */
export type OrdersAt =
  | { readonly tcp: { readonly host: string; readonly port: number } }
  | { readonly endpoints: readonly string[] };

const TCP_CLIENT = Symbol('TCP_CLIENT');

/** Provides the client of the contract: whoever injects it does not see which transport it is. */
@Module({})
export class OrdersClientModule {
  static at(where: OrdersAt): DynamicModule {
    return 'tcp' in where
      ? overTcp(where.tcp)
      : ContractsModule.register([{ contract: orders, endpoints: where.endpoints }]);
  }
}

/** Goes when TCP goes. */
function overTcp(options: { host: string; port: number }): DynamicModule {
  const token = getContractToken(orders);
  return {
    module: OrdersClientModule,
    imports: [ClientsModule.register([{ name: TCP_CLIENT, transport: Transport.TCP, options }])],
    providers: [
      {
        provide: token,
        inject: [TCP_CLIENT],
        useFactory: (client: ClientProxy) => contractClient(orders, client),
      },
    ],
    exports: [token],
  };
}
