// Extracts the ```ts blocks of the documentation, and of the library's comments, into files for the compiler. A block is a module
// if it imports something (its statements may await, so that they are those of a function unless they export), members of a class
// if its fence says "ts member", and otherwise statements of a function. Names that a block uses without declaring them, such as
// `order`, are declared in test/package/apps/snippets.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPLICATIONS, blocksOf, pages, placeOf, sources } from './code-blocks.mjs';

const IMPORT = /^import [\s\S]*?;\n/gm;

/** Public names that a reader knows from earlier snippets. */
const IMPORTS = `import { type CanActivate, Controller, type ExecutionContext, Inject, Injectable, Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Ctx, EventPattern, MessagePattern, Payload, RpcException, Transport } from '@nestjs/microservices';
import { AtMostOnce, type BroadcastReport, type FreelanceClientOptions, FreelanceClientProxy, type FreelanceClientSecurity, FreelanceContext, FreelanceError, FreelanceRecordBuilder, type FreelanceServerSecurity, FreelanceTransportServer } from 'nestjs-freelance';
import { Given } from './given.js';
`;

/** Those that a reader of a comment in the library has before the eyes. */
const IMPORTS_OF_COMMENTS = `import { z } from 'zod';
import { firstValueFrom } from 'rxjs';
import type { EndpointDiscovery } from 'nestjs-freelance';
import { contract, type ContractClient, contractClient, ContractsModule, event, Implements, InjectContract, rpc, stream } from 'nestjs-freelance/contract';
import { FreelanceDashboardModule } from 'nestjs-freelance/dashboard';
import { dnsEndpoints, srvEndpoints } from 'nestjs-freelance/discovery';
import { FreelanceInstrumentation } from 'nestjs-freelance/opentelemetry';
import { freelanceCollector } from 'nestjs-freelance/prometheus';
import { FreelanceTestbed, stubServer } from 'nestjs-freelance/testing';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { AdminGuard, changeOfRegistry, endpoints, expect, freelance, health, type OrderId, orders, ordersContract, type PlaceOrder, readRegistry, type Receipt, receipt } from './given-in-comments.js';
`;

const MEMBER = 'member';

/** Writes each block into a file named after its page and line, so that compiler messages point there. */
export function writeSnippets(folder) {
  let written = 0;
  for (const block of [...pages(), ...sources()].flatMap((page) => blocksOf(page))) {
    const { page, line, language, code, info } = block;
    if (language !== 'ts' || APPLICATIONS.has(page)) continue;
    if (info !== '' && info !== MEMBER) throw new Error(`${placeOf(block)}: what is "${info}"?`);
    const name = `${page.replaceAll('/', '-').replace(/\.\w+$/, '')}-line-${line}.ts`;
    writeFileSync(join(folder, name), withImports(page, moduleOf(code, info === MEMBER)));
    written++;
  }
  return written;
}

const withImports = (page, text) => (page.endsWith('.ts') ? IMPORTS_OF_COMMENTS + text : text);

/**
 * The module that the compiler reads in place of a block.
 *
 * @param {string} code
 * @param {boolean} isMember
 * @returns {string}
 */
export function moduleOf(code, isMember) {
  const imports = code.match(IMPORT);
  if (imports && /^export /m.test(code)) return code;
  if (imports) return `${imports.join('')}\n${functionOf(code.replaceAll(IMPORT, ''))}`;
  if (isMember) return `${IMPORTS}\nexport class Snippet extends Given {\n${code}}\n`;
  return `${IMPORTS}\n${functionOf(code, 'this: Given')}`;
}

function functionOf(statements, parameters = '') {
  return `export async function snippet(${parameters}) {\n${statements}}\n`;
}
