export { type Contract, contract, type ContractEntries } from './contract.js';
export { ContractError, type ContractErrorCode, type ContractViolation } from './contract-error.js';
export type { ContractCall } from './contract-call.js';
export { type ContractClient, contractClient } from './contract-client.js';
export type { ContractStream } from './contract-stream.js';
export { ContractsModule } from './contracts-module.js';
export type {
  ContractAsyncRegistration,
  ContractOptionsFactory,
  ContractRegistration,
  ContractsModuleAsyncOptions,
  ContractsModuleOptions,
} from './contracts-module-options.js';
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
export { getContractToken, InjectContract } from './inject-contract.js';
export type {
  SchemaInput,
  SchemaOutput,
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
} from './standard-schema.js';
