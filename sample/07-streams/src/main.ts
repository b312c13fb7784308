import 'reflect-metadata';
import { run } from './run.js';

await run((line) => console.log(line));
