import { Caller } from './caller.js';
import { Load } from './load.js';
import type { Ledger } from './orders.controller.js';
import { OrdersServer } from './orders-server.js';

const ANY_PORT = 'tcp://127.0.0.1:*';

/** @param say called with a line for each step */
export async function run(say: (line: string) => void): Promise<void> {
  const ledger: Ledger = new Map();
  const first = await OrdersServer.open(ledger, { tcp: true });
  const [web, desk] = [
    await Caller.start({ tcp: first.tcp }),
    await Caller.start({ tcp: first.tcp }),
  ];
  const loads = [new Load(web), new Load(desk)] as const;
  const step = async (what: string) => {
    const [webOver, deskOver] = await Promise.all(loads.map((load) => load.over()));
    say(`${what}: web calls over ${webOver}, desk over ${deskOver}`);
  };
  const track = () => web.use((checkout) => checkout.track(1));
  await step('TCP alone');
  const stepsOverTcp = await track();

  let servers = [
    await OrdersServer.open(ledger, { tcp: true, freelance: ANY_PORT }),
    await OrdersServer.open(ledger, { tcp: true, freelance: ANY_PORT }),
  ] as const;
  await web.update({ tcp: servers[0].tcp });
  await desk.update({ tcp: servers[1].tcp });
  await first.close();
  await step('two servers with both');

  const endpoints = servers.flatMap((server) => server.endpoints);
  await web.update({ endpoints });
  await step('web moved');
  await desk.update({ endpoints });
  await step('desk moved');

  // One after the other, at the endpoint it had: the callers stay as they are.
  const withoutTcp = async (server: OrdersServer) => {
    await server.close();
    return OrdersServer.open(ledger, { freelance: server.endpoints[0] ?? ANY_PORT });
  };
  servers = [await withoutTcp(servers[0]), await withoutTcp(servers[1])];
  await step('TCP off');
  say(
    `steps of an order, before: ${stepsOverTcp.join(', ')}; after: ${(await track()).join(', ')}`,
  );

  await Promise.all(loads.map((load) => load.stop()));
  const lost = loads.reduce((sum, load) => sum + load.lost, 0);
  const twice = [...ledger.values()].filter((times) => times > 1);
  say(`orders lost: ${lost}, placed twice: ${twice.length}`);
  await Promise.all([web, desk].map((caller) => caller.stop()));
  await Promise.all(servers.map((server) => server.close()));
}
