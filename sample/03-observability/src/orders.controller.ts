import { Controller } from '@nestjs/common';
import { Implements, InjectContract } from 'nestjs-freelance/contract';
import { ordersContract, type Reservation, type StockClient, stockContract } from './contracts.js';

@Controller()
@Implements(ordersContract)
export class OrdersController {
  constructor(@InjectContract(stockContract) private readonly stock: StockClient) {}

  place(item: string): Promise<Reservation> {
    return this.stock.reserve(item);
  }
}
