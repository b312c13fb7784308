import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Between two chunks, in ms. */
const PAUSE_MS = 1;

/** A reader of an export, which reads nothing until it is told to. */
export class Download {
  /** Whole rows that have arrived. */
  rows = 0;
  readonly #response: IncomingMessage;

  private constructor(response: IncomingMessage) {
    this.#response = response;
  }

  static async start(url: string): Promise<Download> {
    const [response] = (await once(get(url), 'response')) as [IncomingMessage];
    return new Download(response);
  }

  get status(): number | undefined {
    return this.#response.statusCode;
  }

  /** Reads slowly, to the end. */
  async read(onChunk = () => {}): Promise<'whole' | 'broken'> {
    try {
      for await (const chunk of this.#response as AsyncIterable<Buffer>) {
        this.rows += chunk.toString('latin1').split('\n').length - 1;
        onChunk();
        await delay(PAUSE_MS);
      }
      return 'whole';
    } catch {
      return 'broken';
    }
  }

  leave(): void {
    this.#response.destroy();
  }
}
