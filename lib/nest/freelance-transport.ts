/** The transport's id: tags handlers that only this transport serves, `@MessagePattern('x', id)`. */
export const FREELANCE_TRANSPORT: symbol = Symbol.for('nestjs-freelance');

/** What `status` of the client and of the server tells. */
export type FreelanceStatus = 'connected' | 'disconnected';
