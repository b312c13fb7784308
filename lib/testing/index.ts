export type { ContractStubAnswers, StubAnswer, StubAnswers } from './stub-answer.js';
export type { StubCall } from './stub-call.js';
export type { StubServer } from './stub.js';
export { stubServer } from './stub-server.js';
