import { Controller } from '@nestjs/common';
import { Implements, InjectContract } from 'nestjs-freelance/contract';
import { orders, type Reservation, stock, type StockClient } from './contracts.js';

@Controller()
@Implements(orders)
export class OrdersController {
  constructor(@InjectContract(stock) private readonly stock: StockClient) {}

  place(item: string): Promise<Reservation> {
    return this.stock.reserve(item);
  }
}
