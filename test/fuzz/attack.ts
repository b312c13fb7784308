/** What an attack sends. */
export interface Plan {
  readonly seed: number;
  /** The number of the first message. Each message depends only on the seed and its number. */
  readonly first: number;
  readonly messages: number;
  /** Called now and then with the number of messages sent. */
  readonly progress?: (sent: number) => void;
}

export interface AttackResult {
  sent: number;
  connections: number;
  /** Findings; each names its message. */
  readonly findings: string[];
}

/** After this many messages the other side must show that it is still alive. */
export const BATCH = 250;

/** How long it may take for that, in ms. */
export const PATIENCE_MS = 20_000;

/** Rejects if it takes too long. */
export async function inTime<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what}: nothing for ${PATIENCE_MS} ms`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
