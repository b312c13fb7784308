import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FreelanceContext } from 'nestjs-freelance';

/** The roles of each public key: from a file, a database, wherever you keep them. */
export const ROLES = Symbol('ROLES');
export type Roles = ReadonlyMap<string, readonly string[]>;

const REQUIRED = 'required role';

/** Allows only callers whose key has this role. */
export const Requires = (role: string) => SetMetadata(REQUIRED, role);

@Injectable()
export class KeyGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ROLES) private readonly roles: Roles,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const required = this.reflector.get<string | undefined>(REQUIRED, context.getHandler());
    if (required === undefined) return true;
    const peer = context.switchToRpc().getContext<FreelanceContext>().getPeer();
    // Undefined without `security`, and for anonymous clients: deny.
    if (peer?.publicKey === undefined) return false;
    return this.roles.get(peer.publicKey)?.includes(required) ?? false;
  }
}
