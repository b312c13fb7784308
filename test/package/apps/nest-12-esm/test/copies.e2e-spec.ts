import { createRequire } from 'node:module';
import * as common from '@nestjs/common';
import * as microservices from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceRecord } from 'nestjs-freelance';
import { contract, ContractError } from 'nestjs-freelance/contract';

// What CommonJS modules of the same application get, such as a dependency of its own.
const require = createRequire(import.meta.url);
const required = require('nestjs-freelance');
const requiredContracts = require('nestjs-freelance/contract');

describe('an application of ES modules and CommonJS (e2e)', () => {
  it('has one copy of the package', () => {
    expect(required.FreelanceRecord).toBe(FreelanceRecord);
    expect(requiredContracts.contract).toBe(contract);
  });

  it('has one copy of Nest', () => {
    const error = new ContractError({
      status: 'error',
      message: 'orders.place: the payload is invalid',
      code: 'INVALID_PAYLOAD',
      contract: 'orders',
      entry: 'place',
      issues: [],
    });
    expect(error).toBeInstanceOf(microservices.RpcException);
    const client = new FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1' });
    expect(client).toBeInstanceOf(microservices.ClientProxy);
    client.close();
    expect(require('@nestjs/common').Logger).toBe(common.Logger);
  });
});
