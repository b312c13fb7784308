#!/usr/bin/env node
import { endSoon, processIo } from '../cli/process-io.js';
import { runCli } from '../cli/run.js';

const io = processIo();
void runCli(process.argv.slice(2), io).finally(() => endSoon(io));
