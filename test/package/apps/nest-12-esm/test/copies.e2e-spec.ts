import { createRequire } from 'node:module';
import * as common from '@nestjs/common';
import * as microservices from '@nestjs/microservices';
import * as imported from 'nestjs-freelance';
import * as importedContracts from 'nestjs-freelance/contract';

// What CommonJS modules of the same application get, such as a dependency of its own.
const require = createRequire(import.meta.url);
const required: typeof imported = require('nestjs-freelance');
const requiredContracts: typeof importedContracts = require('nestjs-freelance/contract');

describe('an application of ES modules and CommonJS (e2e)', () => {
  it('has one copy of the package', () => {
    expect(required.FreelanceRecord).toBe(imported.FreelanceRecord);
    expect(requiredContracts.contract).toBe(importedContracts.contract);
  });

  it('has one copy of Nest', () => {
    const error = new importedContracts.ContractError({
      status: 'error',
      message: 'orders.place: the payload is invalid',
      code: 'INVALID_PAYLOAD',
      contract: 'orders',
      entry: 'place',
      issues: [],
    });
    expect(error).toBeInstanceOf(microservices.RpcException);
    const client = new imported.FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1' });
    expect(client).toBeInstanceOf(microservices.ClientProxy);
    client.close();
    expect(require('@nestjs/common').Logger).toBe(common.Logger);
  });
});
