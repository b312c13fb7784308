/**
 * What the log shows of an error that a user's hook has thrown, or rejected with: the error alone would not say where it came
 * from.
 *
 * @param hook its name, such as `setOnDispatchHook`
 */
export function hookFailure(hook: string, error: unknown): Error {
  try {
    // Not every logger shows causes.
    return new Error(`The hook ${hook} failed: ${messageOf(error)}`, { cause: error });
  } catch {
    // The user's error may have a getter that throws.
    return new Error(`The hook ${hook} failed with an error that cannot be shown.`);
  }
}

function messageOf(error: unknown): string {
  return String((error as Partial<Error> | null | undefined)?.message ?? error);
}
