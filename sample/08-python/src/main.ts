import 'reflect-metadata';
import { findPython } from './python.js';
import { run } from './run.js';

const python = findPython();
if (python === undefined) {
  console.error(
    'This sample needs Python 3.9 or later with PyZMQ: apt-get install python3-zmq, or pip install pyzmq',
  );
  process.exitCode = 2;
} else {
  const failed = await run(python, (line) => console.log(line));
  if (failed > 0) process.exitCode = 1;
}
