import { createInterface } from 'node:readline';
import { Logger } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { say } from './talk.js';

/** A client that stands still for as many ms as it is told to, and says so when it goes on. Argument: its server. */

const [server = ''] = process.argv.slice(2);
Logger.overrideLogger(false);
const client = new FreelanceClientProxy({ endpoints: [server] });
client.connect().catch(() => {});
for await (const line of createInterface(process.stdin)) {
  const until = performance.now() + Number(line);
  while (performance.now() < until);
  say('goes on');
}
