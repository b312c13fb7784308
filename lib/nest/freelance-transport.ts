/** The id of this transport, for handlers that no other one serves: `@MessagePattern('sum', FREELANCE_TRANSPORT)`. */
export const FREELANCE_TRANSPORT: symbol = Symbol.for('nestjs-freelance');

/** The values of `status`: for a client, whether some server can be called; for a server, whether it listens. */
export type FreelanceStatus = 'connected' | 'disconnected';
