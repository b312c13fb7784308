import type { World } from '../world/world.js';

/** Something that goes wrong at a moment, and for a while. Times in ms. */
export type Fault = { readonly at: number; readonly for: number } & Mishap;

export type Mishap =
  /** The process is killed; after a while the host starts a new one. */
  | { readonly kind: 'kill'; readonly host: string }
  /** The process closes and exits; after a while the host starts a new one. */
  | { readonly kind: 'leave'; readonly host: string }
  /**
   * The server is told to stop: it answers what it has accepted, for `timeoutMs` at most, and exits. If it is
   * still there when the fault is over, it is killed, as orchestrators do.
   */
  | { readonly kind: 'drain'; readonly host: string; readonly timeoutMs: number }
  /**
   * The process closes in the midst of the next thing that it hears, a change of health or a call, and
   * then returns.
   */
  | { readonly kind: 'resign'; readonly host: string }
  /** The client is told that a server is no more, and then that it is there again. */
  | { readonly kind: 'forget'; readonly client: string; readonly server: string }
  /** As by SIGSTOP: the process stands still, its I/O threads too. */
  | { readonly kind: 'stop'; readonly host: string }
  /** The event loop is busy; the I/O threads of libzmq go on. */
  | { readonly kind: 'block'; readonly host: string }
  /** Nothing gets through, one way or both. */
  | { readonly kind: 'dark'; readonly routes: readonly (readonly [from: string, to: string])[] }
  /** Every message takes longer, one way or both. */
  | {
      readonly kind: 'slow';
      readonly routes: readonly (readonly [from: string, to: string])[];
      readonly byMs: number;
    }
  /** Something on the way ends the connections between a client and a server. */
  | { readonly kind: 'reset'; readonly client: string; readonly server: string }
  /** Handlers take longer. */
  | { readonly kind: 'overload'; readonly host: string; readonly times: number }
  /** Handlers fail, all of them and at once. */
  | { readonly kind: 'broken'; readonly host: string }
  /** The server says that it cannot take calls. */
  | { readonly kind: 'unready'; readonly host: string };

/** @returns how it is undone */
export function inject(mishap: Mishap, world: World): () => void {
  switch (mishap.kind) {
    case 'kill': {
      const host = world.host(mishap.host);
      host.kill();
      return () => host.boot();
    }
    case 'leave': {
      const host = world.host(mishap.host);
      host.leave();
      return () => host.boot();
    }
    case 'drain': {
      const server = world.server(mishap.host);
      server.drain(mishap.timeoutMs);
      return () => {
        if (server.isDraining) server.kill();
        server.boot();
      };
    }
    case 'resign': {
      const host = world.host(mishap.host);
      host.willResign = true;
      return () => {
        host.willResign = false;
        host.boot();
      };
    }
    case 'forget': {
      const client = world.client(mishap.client);
      const route = world.network.route(mishap.client, mishap.server);
      route.disturb();
      client.forget(mishap.server);
      return () => {
        client.remember(mishap.server);
        route.settle();
      };
    }
    case 'stop': {
      const { process } = world.host(mishap.host);
      if (!process) return NOTHING;
      process.stop();
      world.network.paused(process);
      return () => {
        process.continue();
        world.network.paused(process);
      };
    }
    case 'block': {
      const { process } = world.host(mishap.host);
      if (!process) return NOTHING;
      process.block();
      world.network.paused(process);
      return () => {
        process.unblock();
        world.network.paused(process);
      };
    }
    case 'dark':
      for (const [from, to] of mishap.routes) world.network.darken(from, to);
      return () => mishap.routes.forEach(([from, to]) => world.network.route(from, to).light());
    case 'slow': {
      const routes = mishap.routes.map(([from, to]) => world.network.route(from, to));
      for (const route of routes) route.slowDown(mishap.byMs);
      return () => routes.forEach((route) => route.speedUp(mishap.byMs));
    }
    case 'reset': {
      const route = world.network.route(mishap.client, mishap.server);
      world.network.reset(mishap.client, mishap.server);
      route.disturb();
      return () => route.settle();
    }
    case 'overload': {
      const server = world.server(mishap.host);
      server.overload *= mishap.times;
      return () => {
        server.overload /= mishap.times;
      };
    }
    case 'broken': {
      const server = world.server(mishap.host);
      server.isBroken = true;
      return () => {
        server.isBroken = false;
      };
    }
    case 'unready': {
      const server = world.server(mishap.host);
      server.readyFrom = Infinity;
      return () => {
        server.readyFrom = world.timeline.now;
      };
    }
  }
}

const NOTHING = () => {};

export function describe(fault: Fault): string {
  const { at, for: ms, kind, ...details } = fault;
  const where = Object.values(details).map(inWords).join(' ');
  return `${kind} ${where} from ${at.toFixed(0)} for ${ms.toFixed(0)} ms`;
}

function inWords(detail: unknown): string {
  if (typeof detail === 'number') return detail.toFixed(1);
  if (!Array.isArray(detail)) return String(detail);
  return detail.map((route: readonly string[]) => route.join(' → ')).join(', ');
}
