import { Module } from '@nestjs/common';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { CalculatorService } from './calculator.service.js';
import { MathController } from './math.controller.js';
import { mathEndpoint } from './math-endpoint.js';
import { MathService } from './math.service.js';

@Module({
  imports: [
    ClientsModule.register([
      {
        name: 'MATH',
        customClass: FreelanceClientProxy,
        options: { endpoints: [mathEndpoint] },
      },
    ]),
  ],
  controllers: [MathController],
  providers: [CalculatorService, MathService],
})
export class AppModule {}
