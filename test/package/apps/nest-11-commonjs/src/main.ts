import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { AppModule } from './app.module';
import { CalculatorService } from './calculator.service';
import { mathEndpoint } from './math-endpoint';
import { ReportService, SumsService } from './report.service';

async function bootstrap() {
  const app = await NestFactory.createMicroservice(AppModule, {
    strategy: new FreelanceTransportServer({ bind: mathEndpoint }),
  });
  await app.listen();
  console.log(`1 + 2 + 3 = ${await app.get(CalculatorService).sum([1, 2, 3])}`);
  console.log(await app.get(ReportService).mean([1, 2, 4], 2));
  console.log(await app.get(SumsService).all([1, 2, 4]));
  await app.close();
}
void bootstrap();
