import { rename, writeFile } from 'node:fs/promises';
import type { DiscoveryWatch, EndpointDiscovery } from 'nestjs-freelance';

/** What clients are told of which servers there are: late, as from a name server or an API server. */
export abstract class Announced {
  readonly #endpoints = new Set<string>();
  /** Servers that left before they were announced at all. */
  readonly #gone = new Set<string>();

  constructor(endpoints: readonly string[]) {
    for (const endpoint of endpoints) this.#endpoints.add(endpoint);
  }

  get endpoints(): readonly string[] {
    return [...this.#endpoints];
  }

  async joins(endpoint: string): Promise<void> {
    if (this.#gone.delete(endpoint)) return;
    this.#endpoints.add(endpoint);
    await this.tell();
  }

  async leaves(endpoint: string): Promise<void> {
    if (!this.#endpoints.delete(endpoint)) this.#gone.add(endpoint);
    await this.tell();
  }

  protected abstract tell(): Promise<void>;
}

/** Told at once, through a discovery of its own. */
export class AnnouncedDirectly extends Announced implements EndpointDiscovery {
  readonly name = 'the test';
  #wake = () => {};

  async *watch({ signal }: DiscoveryWatch): AsyncGenerator<readonly string[]> {
    signal.addEventListener('abort', () => this.#wake());
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => (this.#wake = resolve));
      yield this.endpoints;
      await changed;
    }
  }

  protected override async tell(): Promise<void> {
    this.#wake();
  }
}

/** Told through a file, for `fileEndpoints`. */
export class AnnouncedByFile extends Announced {
  #written: Promise<void> = Promise.resolve();

  constructor(
    readonly path: string,
    endpoints: readonly string[],
  ) {
    super(endpoints);
  }

  override tell(): Promise<void> {
    this.#written = this.#written.then(async () => {
      const next = `${this.path}.next`;
      await writeFile(next, JSON.stringify(this.endpoints));
      await rename(next, this.path);
    });
    return this.#written;
  }
}
