import { Module } from '@nestjs/common';
import { MathService } from './math.service';
import { StatisticsController } from './statistics.controller';

@Module({ controllers: [StatisticsController], providers: [MathService] })
export class StatisticsModule {}
