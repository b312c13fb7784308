import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe } from 'vitest';

/** Where Debian puts it; elsewhere the variable says where. */
const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

const isThere = existsSync(EXECUTABLE);

if (!isThere) {
  const missing = `There is no ${EXECUTABLE}: install the Debian package chromium, or set CHROMIUM.`;
  if (process.env['CI']) throw new Error(missing);
  console.warn(`${missing} The tests in a browser are skipped.`);
}

/** A suite that needs a browser: skipped if there is none, except on CI, where that is a failure. */
export const describeInBrowser = isThere ? describe : describe.skip;

/** Without a window. As root, as in containers, Chromium has no sandbox; it sees pages of this repository only. */
export function openBrowser(): Promise<Browser> {
  const args = ['--disable-gpu', '--disable-dev-shm-usage'];
  const isRoot = process.getuid?.() === 0;
  return chromium.launch({
    executablePath: EXECUTABLE,
    args: isRoot ? [...args, '--no-sandbox'] : args,
  });
}
