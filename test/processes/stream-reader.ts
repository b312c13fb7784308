import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { FreelanceClientProxy, FreelanceError } from 'nestjs-freelance';
import { say } from './talk.js';

/** Arguments: the endpoint, and the pattern of a stream. Prints each value, and how the stream ends. */
const [endpoint = '', pattern = ''] = process.argv.slice(2);

Logger.overrideLogger(false);
const client = new FreelanceClientProxy({ endpoints: endpoint });
client.send(pattern, {}).subscribe({
  next: (value) => say({ value }),
  complete: () => say({ end: 'complete' }),
  error: (error) => say({ end: error instanceof FreelanceError ? error.code : String(error) }),
});
process.stdin.resume().once('close', () => process.exit());
