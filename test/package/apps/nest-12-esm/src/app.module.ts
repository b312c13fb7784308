import { Module } from '@nestjs/common';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { ContractsModule } from 'nestjs-freelance/contract';
import { CalculatorService } from './calculator.service.js';
import { MathController } from './math.controller.js';
import { mathEndpoint } from './math-endpoint.js';
import { MathService } from './math.service.js';
import { ReportService, SumsService } from './report.service.js';
import { statistics } from './statistics.contract.js';
import { StatisticsModule } from './statistics.module.js';

@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'MATH',
        customClass: FreelanceClientProxy,
        options: { endpoints: [mathEndpoint] },
      },
    ]),
    ContractsModule.register([{ contract: statistics, endpoints: [mathEndpoint] }]),
    StatisticsModule,
  ],
  controllers: [MathController],
  providers: [CalculatorService, MathService, ReportService, SumsService],
})
export class AppModule {}
