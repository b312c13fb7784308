import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Report } from './watch.js';

/** The process under attack. */
export class Target {
  readonly #process: ChildProcess;

  constructor(program: string, args_: string[]) {
    const file = fileURLToPath(new URL(`${program}.js`, import.meta.url));
    this.#process = fork(file, args_, { execArgv: ['--expose-gc'] });
    this.#process.on('exit', (code, signal) => {
      if (code === 0) return;
      console.log(`FOUND: the process under attack ended: ${signal ?? code}`);
      process.exit(1);
    });
  }

  async endpoints(): Promise<readonly string[]> {
    const [{ endpoints }] = (await once(this.#process, 'message')) as [{ endpoints: string[] }];
    return endpoints;
  }

  async report(): Promise<{ report: Report; stats: object }> {
    this.#process.send('report');
    const [answer] = (await once(this.#process, 'message')) as [{ report: Report; stats: object }];
    return answer;
  }

  end(): void {
    this.#process.send('end');
  }
}
