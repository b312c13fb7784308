// Checks the packages that users get for known vulnerabilities. Fails if there are any, and says so if the registry
// could not be asked: not every registry (a mirror, a proxy) answers `npm audit`. With AUDIT_REQUIRED=1, as in
// .github/workflows, that fails, too.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  encoding: 'utf8',
  shell: process.platform === 'win32',
});
const report = read(stdout);

if (!report.vulnerabilities) {
  const why = report.message ?? report.error?.summary ?? 'it did not answer';
  console.warn(`NOT AUDITED: the registry in use answers no audit (${why}).`);
  if (process.env.AUDIT_REQUIRED === '1') process.exitCode = 1;
} else {
  const found = Object.values(report.vulnerabilities);
  for (const { name, severity, range } of found) console.error(`${name} ${range}: ${severity}`);
  const { prod = 0 } = report.metadata?.dependencies ?? {};
  console.log(`Audited ${prod} production packages: ${found.length} vulnerable.`);
  if (found.length > 0) process.exitCode = 1;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
