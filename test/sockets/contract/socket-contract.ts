import { describe } from 'vitest';
import { bindingContract } from './binding.js';
import { endingContract } from './endings.js';
import type { Harness } from './harness.js';
import { listenerContract } from './listeners.js';
import { messageContract } from './messages.js';
import { trafficContract } from './traffic.js';

/** What the agents rely on, whatever engine their sockets are of. */
export function socketContract(name: string, harness: Harness): void {
  describe(`${name}: messages`, () => {
    messageContract(harness);
  });
  describe(`${name}: endings`, () => {
    endingContract(harness);
  });
  describe(`${name}: listeners`, () => {
    listenerContract(harness);
  });
  describe(`${name}: traffic`, () => {
    trafficContract(harness);
  });
  describe(`${name}: binding`, () => {
    bindingContract(harness);
  });
}
