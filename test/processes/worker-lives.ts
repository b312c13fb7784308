import 'reflect-metadata';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { say } from './talk.js';

/**
 * Worker threads that end in different ways with a server and a client open. The process must survive, and the main thread
 * continues with its own. Argument: the way.
 */

const WAYS = ['terminate', 'exit', 'throw', 'close'] as const;
type Way = (typeof WAYS)[number];

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

async function open() {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const app = await NestFactory.createMicroservice(EchoModule, { strategy, logger: false });
  await app.listen();
  const client = new FreelanceClientProxy({ endpoints: strategy.endpoints });
  const echo = () => firstValueFrom(client.send<string>('echo', 'hello'));
  const close = async () => {
    client.close();
    await app.close();
  };
  return { client, echo, close };
}

/** In the thread: both are working when it ends. */
async function inWorker(way: Way): Promise<void> {
  const { client, echo, close } = await open();
  client.send('never', {}).subscribe({ error: () => {} });
  await echo();
  parentPort?.postMessage('open', []);
  if (way === 'exit') process.exit(0);
  if (way === 'throw') throw new Error('of the worker');
  if (way === 'close') await close();
}

async function inMainThread(way: Way): Promise<void> {
  const { echo, close } = await open();
  for (let n = 0; n < 3; n++) {
    const worker = new Worker(new URL(import.meta.url), { workerData: way });
    worker.on('error', () => {});
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    await new Promise((resolve) => worker.once('message', resolve));
    if (way === 'terminate') await worker.terminate();
    await ended;
    await echo();
  }
  await close();
  say('lives');
}

if (isMainThread) await inMainThread(process.argv[2] as Way);
else await inWorker(workerData as Way);
