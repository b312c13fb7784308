import { Injectable } from '@nestjs/common';
import { InjectContract } from 'nestjs-freelance/contract';
import { statistics, type StatisticsClient } from './statistics.contract.js';

// The client is injected into the constructor.
@Injectable()
export class ReportService {
  constructor(@InjectContract(statistics) private readonly client: StatisticsClient) {}

  async mean(numbers: number[], digits: number): Promise<string> {
    const value = await this.client.mean(numbers, { timeout: 5000 });
    return `the mean is ${await this.client.round({ value, digits })}`;
  }
}

// The client is injected into a property.
@Injectable()
export class SumsService {
  @InjectContract(statistics)
  private readonly statistics!: StatisticsClient;

  async all(numbers: number[]): Promise<number[]> {
    const sums: number[] = [];
    for await (const sum of this.statistics.sums(numbers)) sums.push(sum);
    return sums;
  }

  forget(): Promise<void> {
    return this.statistics.forget();
  }
}
