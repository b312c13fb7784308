import { fileURLToPath } from 'node:url';
import { Answers } from './answers.js';
import { Child } from './child.js';
import { freePorts } from './free-ports.js';
import { NestClient } from './nest-client.js';
import { program } from './python.js';

/**
 * @param python the interpreter
 * @param say called with a line for each event
 * @returns how many calls have failed
 */
export async function run(python: string, say: (line: string) => void): Promise<number> {
  const endpoints = (await freePorts(2)).map((port) => `tcp://127.0.0.1:${port}`);
  const [nestEndpoint = '', pythonEndpoint = ''] = endpoints;
  const startNest = () =>
    Child.start(process.execPath, [
      fileURLToPath(new URL('nest-server.js', import.meta.url)),
      nestEndpoint,
      'nest-1',
    ]);
  const startWorker = () => Child.start(python, program('worker.py', pythonEndpoint, 'python-1'));

  let nest = await startNest();
  let worker = await startWorker();

  const client = await NestClient.start(endpoints);
  await client.answers.comeFrom('nest-1', 'python-1');
  say('a Nest client: nest-1 and python-1 answer');
  say(`a pattern that neither has: ${await client.errorOf('forecast')}`);
  await worker.end('SIGKILL');
  await client.answers.comeFrom('nest-1');
  say('python-1 is killed: nest-1 answers');
  worker = await startWorker();
  await client.answers.comeFrom('nest-1', 'python-1');
  say('python-1 is back: nest-1 and python-1 answer');
  const code = await worker.end('SIGTERM');
  await client.answers.comeFrom('nest-1');
  say(`python-1 is told to leave, and ends with ${code}: nest-1 answers`);
  await client.stop();
  say(`calls that failed: ${client.answers.failed}`);

  worker = await startWorker();
  const answers = new Answers();
  const pythonClient = await Child.start(python, program('client.py', ...endpoints), (line) => {
    if (line.startsWith('failed')) answers.failed++;
    else answers.add(line);
  });
  await answers.comeFrom('nest-1', 'python-1');
  say('a Python client: nest-1 and python-1 answer');
  await nest.end('SIGKILL');
  await answers.comeFrom('python-1');
  say('nest-1 is killed: python-1 answers');
  nest = await startNest();
  await answers.comeFrom('nest-1', 'python-1');
  say('nest-1 is back: nest-1 and python-1 answer');
  await pythonClient.end('SIGTERM');
  say(`calls that failed: ${answers.failed}`);

  await Promise.all([nest.end('SIGKILL'), worker.end('SIGTERM')]);
  return client.answers.failed + answers.failed;
}
