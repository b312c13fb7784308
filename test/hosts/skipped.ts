/** What a machine is told that cannot run this: on CI, where it must be able to, it is a failure. */
export function skipped(
  missing: readonly string[],
  isCi: boolean,
): { message: string; exitCode: number } {
  const what = isCi ? 'failed' : 'was skipped';
  const message = `test/hosts ${what}, because it cannot run here: ${missing.join('; ')}.`;
  return { message, exitCode: isCi ? 1 : 0 };
}
