import { Logger } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { context, Dealer } from 'zeromq';
import { say } from './talk.js';

/** A client in a process that has sockets for few of its servers: it calls the first one, and prints the answer. */

const [server = ''] = process.argv.slice(2);
const others = Array.from({ length: 100 }, (_, n) => `tcp://127.0.1.${n + 1}:9`);
Logger.overrideLogger(false);
context.maxSockets = 40;
// The limit is fixed with the first socket; otherwise the engine would raise it when the client connects.
new Dealer().close();
const client = new FreelanceClientProxy({ endpoints: [server, ...others], engine: 'libzmq' });
const reasons = new Set<string>();
client.on('down', (_endpoint, reason) => reasons.add(reason));
say(await firstValueFrom(client.send('echo', { value: 7, ms: 0 })));
say(client.stats().endpoints[server]?.state);
while (!reasons.has('Too many open file descriptors'))
  await new Promise((turned) => setTimeout(turned, 10));
say('no room for others');
client.close();
