import type { World } from '../world/world.js';

/** A fault that starts at some time and lasts for a while. Times in ms. */
export type Fault = { readonly at: number; readonly for: number } & Mishap;

export type Mishap =
  /** The process is killed; the host starts a new one after a while. */
  | { readonly kind: 'kill'; readonly host: string }
  /** The process closes and exits; the host starts a new one after a while. */
  | { readonly kind: 'leave'; readonly host: string }
  /**
   * The server is told to stop: it answers accepted calls for at most `timeoutMs`, and exits. If it is still running when
   * the fault is over, it is killed, as orchestrators do.
   */
  | { readonly kind: 'drain'; readonly host: string; readonly timeoutMs: number }
  /**
   * The process closes while it handles the next thing that it hears, a change of health or a call, and
   * then returns.
   */
  | { readonly kind: 'resign'; readonly host: string }
  /** A server is removed from the client's endpoints, and added again later. */
  | { readonly kind: 'forget'; readonly client: string; readonly server: string }
  /** SIGSTOP: the process stands still, including its I/O threads. */
  | { readonly kind: 'stop'; readonly host: string }
  /** The event loop is blocked; the I/O threads of libzmq continue. */
  | { readonly kind: 'block'; readonly host: string }
  /** Nothing gets through, in one or both directions. */
  | { readonly kind: 'dark'; readonly routes: readonly (readonly [from: string, to: string])[] }
  /** Every message takes longer, in one or both directions. */
  | {
      readonly kind: 'slow';
      readonly routes: readonly (readonly [from: string, to: string])[];
      readonly byMs: number;
    }
  /** A middlebox ends the connections between a client and a server. */
  | { readonly kind: 'reset'; readonly client: string; readonly server: string }
  /** Handlers take longer. */
  | { readonly kind: 'overload'; readonly host: string; readonly times: number }
  /** All handlers fail, immediately. */
  | { readonly kind: 'broken'; readonly host: string }
  /** The server reports that it is not ready. */
  | { readonly kind: 'unready'; readonly host: string };

/** @returns how to undo it */
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
