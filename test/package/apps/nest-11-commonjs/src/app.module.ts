import { Module } from '@nestjs/common';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { CalculatorService } from './calculator.service';
import { MathController } from './math.controller';
import { mathEndpoint } from './math-endpoint';
import { MathService } from './math.service';

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
