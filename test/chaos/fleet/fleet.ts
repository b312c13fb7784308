import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countExecutions } from './executions.js';
import { Host, type ServerOptions } from './host.js';

/** Three servers, each a process of its own. */
export class Fleet implements AsyncDisposable {
  private constructor(
    readonly hosts: readonly [Host, Host, Host],
    private readonly notes: string,
  ) {}

  static async start(options: ServerOptions = {}): Promise<Fleet> {
    const notes = await mkdtemp(join(tmpdir(), 'freelance-chaos-'));
    const start = (name: string) => Host.start(name, notes, options);
    const hosts = await Promise.all([start('server-1'), start('server-2'), start('server-3')]);
    return new Fleet(hosts, notes);
  }

  get endpoints(): string[] {
    return this.hosts.map(({ endpoint }) => endpoint);
  }

  /** How many of those calls were executed, and how many more than once. */
  executions(isMeant: (id: number) => boolean): { executed: number; twice: number } {
    return countExecutions(this.notes, isMeant);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.kill()));
    await rm(this.notes, { recursive: true });
  }
}
