import { Injectable } from '@nestjs/common';
import { ContractError, InjectContract } from 'nestjs-freelance/contract';
import { orders, type OrdersClient } from './orders.contract.js';

/** The caller. */
@Injectable()
export class Checkout {
  constructor(@InjectContract(orders) private readonly shop: OrdersClient) {}

  /** Without a count, the schema of the contract says how many. */
  async place(item: string, count?: number): Promise<string> {
    try {
      const receipt = await this.shop.place({ item, count });
      return `${receipt.count} × ${receipt.item}, at attempt ${receipt.attempt}`;
    } catch (error) {
      if (error instanceof ContractError) return `${error.code}, ${error.message}`;
      throw error;
    }
  }

  async track(id: number): Promise<string[]> {
    const steps: string[] = [];
    for await (const { step } of this.shop.track({ id })) steps.push(step);
    return steps;
  }

  /** Resolves once a server has accepted the event. */
  async cancel(id: number): Promise<void> {
    await this.shop.cancelled({ id });
  }
}
