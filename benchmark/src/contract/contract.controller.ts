import { Controller } from '@nestjs/common';
import { Implements } from 'nestjs-freelance/contract';
import type { Order } from '../app/order.js';
import { benchmarkContract } from './benchmark-contract.js';

@Controller()
// As in production: results are not checked, payloads are.
@Implements(benchmarkContract, { validateResults: false })
export class ContractController {
  order(order: Order): Order {
    return order;
  }

  checked(order: Order): Order {
    return order;
  }
}
