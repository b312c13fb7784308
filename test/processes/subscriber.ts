import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { say } from './talk.js';

/** Arguments: the endpoint, and the pattern whose values it prints until it is killed. */
const [endpoint = '', pattern = ''] = process.argv.slice(2);

Logger.overrideLogger(false);
const client = new FreelanceClientProxy({ endpoints: endpoint });
client.send(pattern, {}).subscribe(say);
process.stdin.resume().once('close', () => process.exit());
