import { createInterface } from 'node:readline';
import { Logger } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { say } from './talk.js';

/** A client that blocks for as many ms as it is told, and reports when it continues. Argument: its server. */

const [server = ''] = process.argv.slice(2);
Logger.overrideLogger(false);
const client = new FreelanceClientProxy({ endpoints: [server] });
client.connect().catch(() => {});
for await (const line of createInterface(process.stdin)) {
  const until = performance.now() + Number(line);
  while (performance.now() < until);
  say('goes on');
}
