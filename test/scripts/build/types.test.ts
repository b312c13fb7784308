import { expect, test } from 'vitest';
import { bundleTypes } from '../../../scripts/build/types.mjs';

const typesOf = (text: string): Promise<Map<string, string>> =>
  bundleTypes(new Map([['index.d.ts', text]]), ['index.js']);

test('types of CommonJS name Nest as ES modules, and those of ES modules are the same', async () => {
  const types = await typesOf(
    "import { Server, Transport } from '@nestjs/microservices'; export declare const a: [Server, Transport];",
  );
  expect(types.get('index.d.ts')).toContain(
    'import type { Server, Transport } from "@nestjs/microservices" with { "resolution-mode": "import" };',
  );
  expect(types.get('index.d.mts')).toBe("export * from './index.js';\n");
});

test.each([
  "import * as nest from '@nestjs/common'; export declare const a: nest.Type;",
  "export declare const a: import('@nestjs/common').Type;",
])('%s is refused: TypeScript would report it to users', async (text) => {
  await expect(typesOf(text)).rejects.toThrow('types import Nest in a way');
});
