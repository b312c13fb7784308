import { generateCurveKeyPair } from 'nestjs-freelance';
import { openBank } from './bank.js';
import { Customer } from './customer.js';

/** @param say called with a line for each event */
export async function run(say: (line: string) => void): Promise<void> {
  const server = generateCurveKeyPair();
  const keys = {
    alice: generateCurveKeyPair(),
    bob: generateCurveKeyPair(),
    mallory: generateCurveKeyPair(),
  };
  const bank = await openBank(
    server,
    new Map([
      [keys.alice.publicKey, ['withdraw']],
      [keys.bob.publicKey, []],
    ]),
  );
  const [alice, bob, mallory] = [keys.alice, keys.bob, keys.mallory].map(
    (own) => new Customer(own, bank.endpoints, server.publicKey),
  ) as [Customer, Customer, Customer];

  say(`alice reads the balance: ${await alice.tries('balance')}`);
  say(`alice withdraws 30: ${await alice.tries('withdraw', 30)}`);
  say(`bob reads the balance: ${await bob.tries('balance')}`);
  say(`bob withdraws 30: ${await bob.tries('withdraw', 30)}`);
  say(`mallory reads the balance: ${await mallory.tries('balance')}`);
  bank.strategy.revoke(keys.alice.publicKey);
  say(`alice, whose key was revoked, reads the balance: ${await alice.tries('balance')}`);

  for (const customer of [alice, bob, mallory]) customer.leave();
  await bank.close();
}
