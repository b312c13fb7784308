import { Controller, type DynamicModule, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { Implements } from 'nestjs-freelance/contract';
import { type Query, type Row, rows } from './rows.contract.js';

/** What the source has done. */
export interface Source {
  made: number;
  closed: number;
}

const SOURCE = Symbol('SOURCE');

/** So that a row is about 1 KiB. */
const TEXT = 'x'.repeat(1000);

@Controller()
@Implements(rows)
class RowsController {
  constructor(@Inject(SOURCE) private readonly source: Source) {}

  /** Runs on as its reader reads; leaves at the `yield` if the reader has left. Elsewhere it reads a cursor of a database. */
  async *read({ count, failAt }: Query): AsyncGenerator<Row> {
    try {
      for (let id = 0; id < count; id++) {
        if (id === failAt) throw new Error('The disk is broken');
        this.source.made++;
        yield { id, text: TEXT };
      }
    } finally {
      this.source.closed++;
    }
  }
}

@Module({})
class RowsModule {
  static of(source: Source): DynamicModule {
    return {
      module: RowsModule,
      controllers: [RowsController],
      providers: [{ provide: SOURCE, useValue: source }],
    };
  }
}

/** The service: here in the same process as the others, elsewhere in its own. */
export async function openRows(source: Source) {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const module = RowsModule.of(source);
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  return { endpoints: strategy.endpoints, close: () => app.close() };
}
