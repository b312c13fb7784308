/**
 * Typed contracts of services: one object gives clients, handlers and tests the types of every call, and checks payloads by
 * schemas.
 *
 * @module nestjs-freelance/contract
 */

export {
  type Contract,
  contract,
  type ContractEntries,
  type ReservedEntryName,
} from './contract.js';
export { ContractError, type ContractErrorCode, type ContractViolation } from './contract-error.js';
export type { ContractCall } from './contract-call.js';
export {
  type ContractArguments,
  type ContractClient,
  contractClient,
  type ContractMethod,
} from './contract-client.js';
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
export type { ContractHandler, ContractHandlers } from './handlers.js';
export { type ContractImplementation, Implements, type ImplementsOptions } from './implements.js';
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
