import { Controller, type DynamicModule, Get, Module, Query, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ContractsModule, InjectContract } from 'nestjs-freelance/contract';
import type { ServerResponse } from 'node:http';
import { rows, type RowsClient } from './rows.contract.js';
import { sendNdjson } from './send-ndjson.js';

@Controller()
class ExportController {
  constructor(@InjectContract(rows) private readonly source: RowsClient) {}

  @Get('export')
  async export(
    @Query('count') count: string,
    @Query('failAt') failAt: string | undefined,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const query = { count: Number(count), ...(failAt ? { failAt: Number(failAt) } : {}) };
    await sendNdjson((signal) => this.source.read(query, { signal }), response, 'rows.ndjson');
  }
}

@Module({})
class ExportModule {
  static of(endpoints: readonly string[]): DynamicModule {
    return {
      module: ExportModule,
      imports: [ContractsModule.register([{ contract: rows, endpoints }])],
      controllers: [ExportController],
    };
  }
}

export async function openExporter(endpoints: readonly string[]) {
  const app = await NestFactory.create(ExportModule.of(endpoints), { logger: false });
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}
