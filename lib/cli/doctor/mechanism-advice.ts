/** What to do at a server with that mechanism, which the client has not. @param theirs the name in the server's greeting */
export function mechanismAdvice(theirs: string): string[] {
  switch (theirs) {
    case 'CURVE':
      return [
        "Give --curve-server-key, the server's public key, and --curve-secret-key, your own (`nestjs-freelance keygen` makes one).",
        ALIKE,
      ];
    case 'PLAIN':
      return ['Give --plain-username and --plain-password.', ALIKE];
    case 'NULL':
      return [
        'Leave the flags of security out, if the server is meant to have none. Otherwise give it the option security: everybody who reaches it can call it.',
        ALIKE,
      ];
    default:
      return ['This library has CURVE, PLAIN, TLS, or no security.'];
  }
}

const ALIKE =
  'The option security of the clients has to be of the same mechanism as that of the server.';
