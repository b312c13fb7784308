/** What a client shows in the handshake. */
export type Credentials =
  | { readonly mechanism: 'curve'; readonly publicKey: string }
  | { readonly mechanism: 'plain'; readonly username: string; readonly password: string };

/** `failed`: nobody knows, for now. The client may try again. */
export type Verdict = 'admitted' | 'refused' | 'failed';

/** Who it is, as the client says: to be believed once its credentials were checked. */
export function nameOf(credentials: Credentials): string {
  return credentials.mechanism === 'curve' ? credentials.publicKey : credentials.username;
}
