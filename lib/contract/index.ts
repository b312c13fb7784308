export { type Contract, contract, type ContractEntries } from './contract.js';
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
export type {
  SchemaInput,
  SchemaOutput,
  StandardSchema,
  StandardSchemaIssue,
  StandardSchemaProps,
  StandardSchemaResult,
} from './standard-schema.js';
