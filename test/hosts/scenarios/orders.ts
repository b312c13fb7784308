import type { Fleet, ServerName } from '../fleet/fleet.js';
import type { NameServer, Records } from '../fleet/name-server.js';
import { PORT } from '../fleet/remote-server.js';

/** The name under which clients look for servers. */
const NAME = 'orders.test';

export const ORDERS = { dns: `tcp://${NAME}:${PORT}` };

/** A and AAAA records of these servers, and perhaps of addresses at which there is none. */
export function ordersAt(
  { servers }: Fleet,
  names: readonly ServerName[],
  ...others: readonly string[]
): Records {
  const addresses = names.map((name) => servers[name].address);
  return { addresses: { [NAME]: [...addresses, ...others] } };
}

/** The name is there, and has no address. */
export const EMPTY: Records = { empty: [NAME] };

/** The name is nowhere. */
export const NXDOMAIN: Records = {};

/** Changes the records. @returns when, as `Date.now()`: from then on the name server answers so */
export async function publish(names: NameServer, records: Records): Promise<number> {
  await names.serve(records);
  return Date.now();
}
