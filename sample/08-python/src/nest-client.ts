import { Inject, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { Answers } from './answers.js';
import type { Summary } from './summary.js';

const NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6];

/** How many calls are under way at any time. */
const AT_ONCE = 8;

/** It knows two addresses, and not in which language they answer. */
@Injectable()
class Statistician {
  constructor(@Inject('STATISTICS') private readonly statistics: FreelanceClientProxy) {}

  call<Result>(pattern: string): Promise<Result> {
    return firstValueFrom(this.statistics.send<Result>(pattern, NUMBERS));
  }
}

@Module({})
class StatisticianModule {
  static of(endpoints: readonly string[]): DynamicModule {
    return {
      module: StatisticianModule,
      imports: [
        ClientsModule.register([
          { name: 'STATISTICS', customClass: FreelanceClientProxy, options: { endpoints } },
        ]),
      ],
      providers: [Statistician],
    };
  }
}

/** A Nest application that calls without a pause, from start to stop. */
export class NestClient {
  readonly answers = new Answers();
  readonly #statistician: Statistician;
  readonly #loops: Promise<unknown>;
  readonly #close: () => Promise<void>;
  #isOver = false;

  private constructor(statistician: Statistician, close: () => Promise<void>) {
    this.#statistician = statistician;
    this.#close = close;
    this.#loops = Promise.all(Array.from({ length: AT_ONCE }, () => this.#loop()));
  }

  static async start(endpoints: readonly string[]): Promise<NestClient> {
    const app = await NestFactory.createApplicationContext(StatisticianModule.of(endpoints), {
      logger: false,
    });
    return new NestClient(app.get(Statistician), () => app.close());
  }

  /** What comes of a call with a pattern that no server has. */
  errorOf(pattern: string): Promise<string> {
    return this.#statistician.call(pattern).then(
      () => 'none',
      // Nest answers with a text, and others with an object.
      (error: string | { message: string }) => (typeof error === 'string' ? error : error.message),
    );
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#loops;
    await this.#close();
  }

  async #loop(): Promise<void> {
    while (!this.#isOver) {
      try {
        this.answers.add((await this.#statistician.call<Summary>('summarize')).by);
      } catch {
        this.answers.failed++;
      }
    }
  }
}
