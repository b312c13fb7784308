// What the examples in comments of the library use without saying where it comes from.
import type { CanActivate } from '@nestjs/common';
import type { HealthCheckService } from '@nestjs/terminus';
import { contract, rpc } from 'nestjs-freelance/contract';
import type { FreelanceHealthIndicator } from 'nestjs-freelance/terminus';
import { orders as whole } from './orders.contract.js';

export interface PlaceOrder {
  readonly item: string;
}

export interface Receipt {
  readonly id: number;
}

export interface OrderId {
  readonly id: number;
}

export const orders = contract('orders', { place: rpc<PlaceOrder, Receipt>() });
export const ordersContract = whole;

export declare const receipt: Receipt;
export declare const endpoints: readonly string[];
export declare const health: HealthCheckService;
export declare const freelance: FreelanceHealthIndicator;
export declare const AdminGuard: new () => CanActivate;
export declare function readRegistry(signal: AbortSignal): Promise<readonly string[]>;
export declare function changeOfRegistry(signal: AbortSignal): Promise<void>;
export declare function expect(value: unknown): { toEqual(other: unknown): void };
