export { type Contract, contract, type ContractEntries } from './contract.js';
export { ContractError, type ContractErrorCode, type ContractViolation } from './contract-error.js';
export type { ContractClient, ContractCall, ContractStream } from './contract-client.js';
export {
  type ContractEntry,
  type EntryKind,
  type EntryOptions,
  event,
  type PayloadOptions,
  type ResultOptions,
  rpc,
  stream,
  unchecked,
} from './entries.js';
export type { ContractHandlers } from './handlers.js';
export { Implements, type ImplementsOptions } from './implements.js';
export type { ContractIssue } from './issues.js';
export type {
  SchemaInput,
  SchemaOutput,
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
} from './standard-schema.js';
