// The server under attack, in its own process.
import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { serve } from '../support/nest.js';
import { FuzzedController } from './handlers.js';
import { Watch } from './watch.js';

Logger.overrideLogger(false);
const watch = new Watch();
const server = await serve([FuzzedController], {
  serverId: 'target',
  guideIdentity: 'target',
});
process.on('message', (question) => {
  if (question === 'end') process.exit(0);
  void watch.report().then((report) => process.send?.({ report, stats: server.strategy.stats() }));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ endpoints: server.endpoints });
