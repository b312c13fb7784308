/**
 * The name and version of this package. Constants: what could read them from package.json at run time differs between ES
 * modules, CommonJS, bundles and sources under test. `npm version` rewrites this file (`scripts/version.mjs`), and
 * `test/package/version.test.ts` compares it with package.json.
 */
export const PACKAGE = { name: 'nestjs-freelance', version: '0.2.0' } as const;
