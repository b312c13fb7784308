import type { Type } from '@nestjs/common';
import type {
  FreelanceClientOptions,
  FreelanceContext,
  FreelanceServerOptions,
} from 'nestjs-freelance';
import type { Observable } from 'rxjs';
import type { Careless, Way } from './careless.js';
import type { World } from './world.js';

/** A place where code of the user's runs, and what its own call gets of what that does there. */
export interface Place {
  /** What the handler of the harmed call does. @default it returns `done` */
  readonly handler?: (careless: Careless, context: FreelanceContext) => unknown;
  /** Further controllers. */
  readonly controllers?: (careless: Careless) => Type[];
  readonly server?: (careless: Careless) => Partial<FreelanceServerOptions>;
  readonly client?: (careless: Careless) => Partial<FreelanceClientOptions>;
  /** Options of that client, and of the one beside it. */
  readonly clients?: Partial<FreelanceClientOptions>;
  /** Decorates the controller of the harmed call. */
  readonly decorate?: (careless: Careless, controller: Type) => void;
  /** Once server and client stand, before the client connects. */
  readonly prepare?: (careless: Careless, world: World) => void | Promise<void>;
  /** The harmed call. @default `client.send` of the pattern `careless` */
  readonly call?: (world: World, careless: Careless) => Observable<unknown>;
  /** What the call gets, by what its code does: see `Watched`. Ways that are left out make no sense there. */
  readonly gets: Partial<Record<Way, string>>;
  /** Who calls that code throws what it throws into the event loop: RxJS, or Node, of code that is given to them. */
  readonly isToldTo?: 'the process';
  /** Whether its client is not served before the code has done its work. */
  readonly isGate?: true;
  /** Further ways after which the call ends only as its caller leaves. */
  readonly hangs?: readonly Way[];
  /** Ways after which the handler may hold its place, until the server closes. */
  readonly holds?: readonly Way[];
}
