import { type CurveKeyPair, FreelanceClientProxy, FreelanceError } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';

/** A client with its own key pair and the server's public key. */
export class Customer {
  readonly #client: FreelanceClientProxy;

  constructor(own: CurveKeyPair, endpoints: readonly string[], serverKey: string) {
    const security = { mechanism: 'curve', ...own, serverKey } as const;
    this.#client = new FreelanceClientProxy({ endpoints, security });
  }

  /** The outcome of a call, in a word. */
  async tries(pattern: string, data: unknown = {}): Promise<string> {
    try {
      return String(await firstValueFrom(this.#client.send<number>(pattern, data)));
    } catch (error) {
      if (error instanceof FreelanceError) return error.code;
      const { status, message } = error as { status: string; message: string };
      return `${status}, ${message}`;
    }
  }

  leave(): void {
    this.#client.close();
  }
}
