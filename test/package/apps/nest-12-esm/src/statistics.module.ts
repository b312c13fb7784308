import { Module } from '@nestjs/common';
import { MathService } from './math.service.js';
import { StatisticsController } from './statistics.controller.js';

@Module({ controllers: [StatisticsController], providers: [MathService] })
export class StatisticsModule {}
