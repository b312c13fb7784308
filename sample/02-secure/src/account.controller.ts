import { Controller, UseGuards } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { KeyGuard, Requires } from './key.guard.js';

@Controller()
@UseGuards(KeyGuard)
export class AccountController {
  private balance = 100;

  /** For every client that may connect. */
  @MessagePattern('balance')
  read(): number {
    return this.balance;
  }

  @Requires('withdraw')
  @MessagePattern('withdraw')
  withdraw(@Payload() amount: number): number {
    this.balance -= amount;
    return this.balance;
  }
}
