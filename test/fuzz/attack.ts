/** What an attack is to send. */
export interface Plan {
  readonly seed: number;
  /** The number of the first message: each is made by the seed and its number, whatever was before. */
  readonly first: number;
  readonly messages: number;
  /** Told now and then how many were sent. */
  readonly progress?: (sent: number) => void;
}

export interface AttackResult {
  sent: number;
  connections: number;
  /** What should not have happened; each says at which message. */
  readonly findings: string[];
}

/** So many messages go out before the other side has to show that it is still there. */
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
