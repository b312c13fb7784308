// The client under attack, in its own process: it uses a hostile server and an honest one.
import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { attackedClient } from './attacked-client.js';
import { Watch } from './watch.js';

Logger.overrideLogger(false);
const watch = new Watch();
const client = attackedClient(process.argv.slice(2));
process.on('message', (question) => {
  if (question === 'end') process.exit(0);
  void watch.report().then((report) => process.send?.({ report, stats: client.report() }));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ endpoints: [] });
