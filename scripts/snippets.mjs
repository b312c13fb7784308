// Extracts the ```ts blocks of the documentation into files for the compiler. A block is a module if it imports something (its
// statements may await, so that they are those of a function unless they export), members of a class if its fence says
// "ts member", and otherwise statements of a function. Names that a block uses without declaring them, such as `order`, are
// declared in test/package/apps/snippets.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workshop.mjs';

const BLOCK = /^```ts( member)?\n([\s\S]*?)^```$/gm;

const IMPORT = /^import [\s\S]*?;\n/gm;

/** Public names that a reader knows from earlier snippets. */
const IMPORTS = `import { type CanActivate, Controller, type ExecutionContext, Inject, Injectable, Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Ctx, EventPattern, MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import { AtMostOnce, type BroadcastReport, type FreelanceClientOptions, FreelanceClientProxy, type FreelanceClientSecurity, FreelanceContext, FreelanceError, FreelanceRecordBuilder, type FreelanceServerSecurity, FreelanceTransportServer } from 'nestjs-freelance';
import { Given } from './given.js';
`;

/** Pages whose blocks are compiled: all pages with blocks, except generated ones, and that which `page-script.mjs` runs. */
function pages() {
  const docs = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md') && name !== 'start.md')
    .map((name) => `docs/${name}`);
  const samples = readdirSync(join(root, 'sample'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('README.md') && !name.includes('node_modules'))
    .map((name) => `sample/${name}`);
  return ['README.md', 'PROTOCOL.md', 'SECURITY.md', ...docs, ...samples];
}

/** Writes each block into a file named after its page and line, so that compiler messages point there. */
export function writeSnippets(folder) {
  let written = 0;
  for (const page of pages()) {
    const text = readFileSync(join(root, page), 'utf8');
    for (const { index, 1: member, 2: code } of text.matchAll(BLOCK)) {
      const line = text.slice(0, index).split('\n').length;
      const name = `${page.replaceAll('/', '-').replace(/\.md$/, '')}-line-${line}.ts`;
      writeFileSync(join(folder, name), moduleOf(code, member !== undefined));
      written++;
    }
  }
  return written;
}

function moduleOf(code, isMember) {
  const imports = code.match(IMPORT);
  if (imports && /^export /m.test(code)) return code;
  if (imports) return `${imports.join('')}\n${functionOf(code.replaceAll(IMPORT, ''))}`;
  if (isMember) return `${IMPORTS}\nexport class Snippet extends Given {\n${code}}\n`;
  return `${IMPORTS}\n${functionOf(code, 'this: Given')}`;
}

function functionOf(statements, parameters = '') {
  return `export async function snippet(${parameters}) {\n${statements}}\n`;
}
