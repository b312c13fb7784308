import { Module } from '@nestjs/common';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { ContractsModule } from 'nestjs-freelance/contract';
import { CalculatorService } from './calculator.service';
import { MathController } from './math.controller';
import { mathEndpoint } from './math-endpoint';
import { MathService } from './math.service';
import { ReportService, SumsService } from './report.service';
import { statistics } from './statistics.contract';
import { StatisticsModule } from './statistics.module';

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
