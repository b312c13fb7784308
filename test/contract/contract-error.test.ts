import { RpcException } from '@nestjs/microservices';
import { describe, expect, test, vi } from 'vitest';
import {
  ContractError,
  type ContractViolation,
  isContractViolation,
} from '../../lib/contract/contract-error.js';

const violation: ContractViolation = {
  status: 'error',
  message: 'orders.place: the payload is invalid: items.0: no',
  code: 'INVALID_PAYLOAD',
  contract: 'orders',
  entry: 'place',
  issues: [{ message: 'no', path: ['items', 0] }],
};

describe('a ContractError', () => {
  test('is an RpcException, so that Nest gives it to the caller', () => {
    const error = new ContractError(violation);
    expect(error).toBeInstanceOf(RpcException);
    expect(error.getError()).toEqual(violation);
    const { status: _, ...rest } = violation;
    expect(error).toMatchObject(rest);
    expect(error.name).toBe('ContractError');
    expect(error.message).toBe(violation.message);
  });

  test('keeps its cause to itself', () => {
    const cause = new Error('secret');
    const error = new ContractError(violation, { cause });
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).not.toContain('cause');
    expect(JSON.stringify(error.getError())).not.toContain('secret');
    expect(new ContractError(violation)).not.toHaveProperty('cause');
    expect(new ContractError(violation, { cause: undefined })).toHaveProperty('cause', undefined);
  });

  test('is an instance of the class of another copy of the package', async () => {
    vi.resetModules();
    const other = await import('../../lib/contract/contract-error.js');
    expect(other.ContractError).not.toBe(ContractError);
    expect(new ContractError(violation)).toBeInstanceOf(other.ContractError);
    expect(new RpcException('other')).not.toBeInstanceOf(other.ContractError);
  });
});

describe('what a server has answered is a violation', () => {
  test('if it has the members of one, after it has been JSON', () => {
    expect(isContractViolation(JSON.parse(JSON.stringify(violation)))).toBe(true);
    expect(isContractViolation({ ...violation, issues: [], later: true })).toBe(true);
    expect(isContractViolation({ ...violation, issues: [{ message: 'no' }] })).toBe(true);
  });

  test.each([
    undefined,
    null,
    'orders.place: the payload is invalid',
    { status: 'error', message: 'mine' },
    { ...violation, status: 'ok' },
    { ...violation, code: 'TEAPOT' },
    { ...violation, message: 7 },
    { ...violation, contract: undefined },
    { ...violation, entry: null },
    { ...violation, issues: 'none' },
    { ...violation, issues: [null] },
    { ...violation, issues: [{ path: [] }] },
    { ...violation, issues: [{ message: 'no', path: 'items' }] },
    { ...violation, issues: [{ message: 'no', path: [{ key: 'items' }] }] },
  ])('but not if it is %j', (error) => {
    expect(isContractViolation(error)).toBe(false);
  });
});
