/**
 * The transport's id, for handlers that only this transport serves:
 * `@MessagePattern('sum', FREELANCE_TRANSPORT)`.
 */
export const FREELANCE_TRANSPORT: symbol = Symbol.for('nestjs-freelance');

/**
 * What `status`, an Observable, tells of a client: whether there is a server to call; and of a server:
 * whether it listens.
 */
export type FreelanceStatus = 'connected' | 'disconnected';
