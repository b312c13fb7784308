import type { Deeds } from './deeds.js';

export interface Question {
  readonly deed: string;
  readonly input: unknown;
}

export type Answer = { readonly output: unknown } | { readonly error: string };

/**
 * Does what the parent process asks, one request at a time, and exits with it: however the parent ends, the channel closes,
 * and nothing is left behind.
 */
export function answerParent<T extends Deeds<T>>(
  deeds: T,
  leave: () => void = () => process.exit(),
): void {
  process.on('message', ({ deed, input }: Question) => void answer(deeds, deed, input));
  process.on('disconnect', leave);
}

async function answer<T extends Deeds<T>>(deeds: T, deed: string, input: unknown): Promise<void> {
  try {
    const act: (input: never) => unknown = deeds[deed as keyof T];
    say({ output: await act(input as never) });
  } catch (error) {
    say({ error: error instanceof Error ? error.message : String(error) });
  }
}

function say(answered: Answer): void {
  // A parent that has left meanwhile needs no answer, and 'disconnect' tells of it.
  process.send?.(answered, () => {});
}
