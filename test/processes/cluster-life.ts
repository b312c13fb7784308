import 'reflect-metadata';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { Controller, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { say } from './talk.js';

/**
 * Workers of a cluster share one port, and each is replaced by a new one while a client in the primary process calls
 * continuously. Prints how many calls were answered, by how many workers, and what failed. Argument: the address.
 */

const [bind = ''] = process.argv.slice(2);
Logger.overrideLogger(false);

@Controller()
class PidController {
  @MessagePattern('pid')
  pid() {
    return process.pid;
  }
}

@Module({ controllers: [PidController] })
class PidModule {}

async function serve(): Promise<void> {
  const strategy = new FreelanceTransportServer({ bind });
  const app = await NestFactory.createMicroservice(PidModule, { strategy, logger: false });
  app.enableShutdownHooks();
  await app.listen();
  process.send?.('listening');
}

async function start(): Promise<Worker> {
  const worker = cluster.fork();
  await once(worker, 'message');
  return worker;
}

async function lead(): Promise<void> {
  cluster.setupPrimary({ silent: false });
  const workers = [await start(), await start()];
  const clients = Array.from({ length: 4 }, () => new FreelanceClientProxy({ endpoints: bind }));
  const pids = new Set<number>();
  const failures: string[] = [];
  let answered = 0;
  const over = new AbortController();
  const call = async (client: FreelanceClientProxy) => {
    while (!over.signal.aborted) {
      try {
        pids.add(await firstValueFrom(client.send<number>('pid', {})));
        answered++;
      } catch (error) {
        failures.push(String(error));
      }
    }
  };
  const calling = clients.map(call);
  while (pids.size < 1) await new Promise((turned) => setTimeout(turned, 10));
  for (const worker of workers) {
    await start();
    const ended = once(worker, 'exit');
    worker.process.kill('SIGTERM');
    await ended;
  }
  over.abort();
  await Promise.all(calling);
  for (const client of clients) client.close();
  say({ answered, workers: pids.size, failures });
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
}

await (cluster.isPrimary ? lead() : serve());
