import { execFile } from 'node:child_process';

/**
 * Runs a command to its end, with that text on its standard input.
 *
 * @returns what it wrote to its standard output
 * @throws Error with the command and what it wrote to its standard error
 */
export function runCommand(
  command: string,
  args: readonly string[],
  { input = '' } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      reject(new Error(`${command} ${args.join(' ')}: ${stderr.trim() || error.message}`));
    });
    // One that does not read its input may have ended already.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
