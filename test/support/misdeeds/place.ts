import type { Type } from '@nestjs/common';
import type {
  FreelanceClientOptions,
  FreelanceContext,
  FreelanceServerOptions,
} from 'nestjs-freelance';
import type { Observable } from 'rxjs';
import type { Careless, Way } from './careless.js';
import type { World } from './world.js';

/** A place where user code runs, and the outcome of its own call for each misdeed there. */
export interface Place {
  /** The handler of the affected call. @default it returns `done` */
  readonly handler?: (careless: Careless, context: FreelanceContext) => unknown;
  /** Further controllers. */
  readonly controllers?: (careless: Careless) => Type[];
  readonly server?: (careless: Careless) => Partial<FreelanceServerOptions>;
  readonly client?: (careless: Careless) => Partial<FreelanceClientOptions>;
  /** Options of that client, and of the one beside it. */
  readonly clients?: Partial<FreelanceClientOptions>;
  /** Decorates the controller of the affected call. */
  readonly decorate?: (careless: Careless, controller: Type) => void;
  /** Called once server and client exist, before the client connects. */
  readonly prepare?: (careless: Careless, world: World) => void | Promise<void>;
  /** The affected call. @default `client.send` of the pattern `careless` */
  readonly call?: (world: World, careless: Careless) => Observable<unknown>;
  /** The outcome of the call, by misdeed: see `Watched`. Ways that are missing make no sense there. */
  readonly gets: Partial<Record<Way, string>>;
  /** Whether the caller of that code, RxJS or Node, throws its errors into the event loop. */
  readonly isToldTo?: 'the process';
  /** Whether its client is not served before the code has done its work. */
  readonly isGate?: true;
  /** Further ways after which the call ends only when its caller leaves. */
  readonly hangs?: readonly Way[];
  /** Ways after which the handler may keep its place until the server closes. */
  readonly holds?: readonly Way[];
}
