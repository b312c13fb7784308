/**
 * Servers for tests, in the process of the test: a stub with answers of the test, and a testbed whose servers can be killed,
 * frozen and cut off.
 *
 * @module nestjs-freelance/testing
 */

export type { ContractStubAnswers, StubAnswer, StubAnswers } from './stub-answer.js';
export type { StubCall } from './stub-call.js';
export type { StubAnswersOf, StubServer } from './stub.js';
export { stubServer } from './stub-server.js';
export { FreelanceTestbed } from './freelance-testbed.js';
export type { CreateApp, FreelanceTestbedOptions } from './testbed-options.js';
export type { TestbedServer } from './testbed-server.js';
export type { TestbedClock } from './time/testbed-clock.js';
