import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import type { Summary } from './summary.js';

const [endpoint = '', serverId = ''] = process.argv.slice(2);

@Controller()
class SummaryController {
  @MessagePattern('summarize')
  summarize(@Payload() numbers: number[]): Summary {
    const sorted = numbers.toSorted((a, b) => a - b);
    const middle = sorted.slice((sorted.length - 1) / 2, sorted.length / 2 + 1);
    const average = mean(numbers);
    const squares = numbers.map((number) => (number - average) ** 2);
    const deviation = Math.sqrt((mean(squares) * numbers.length) / (numbers.length - 1));
    return { mean: average, median: mean(middle), deviation, by: serverId };
  }
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
}

@Module({ controllers: [SummaryController] })
class SummaryModule {}

const strategy = new FreelanceTransportServer({ bind: endpoint, serverId });
const app = await NestFactory.createMicroservice(SummaryModule, { strategy, logger: false });
await app.listen();
console.log(`${serverId} listens at ${endpoint}`);
// The process that started this one has ended.
process.stdin.resume().once('end', () => process.exit());
