/** The routing ids that libzmq assigns: a zero and a four-byte number. Ids that clients choose cannot begin with a zero. */
const NUMBERED_BYTES = 5;

/**
 * Decides which anonymous connections are heard: after a revocation only newer ones, since an older one may belong to the revoked
 * client.
 *
 * A ROUTER numbers them in the order of their arrival (libzmq 4.3.5, `router_t::identify_peer`), so one number separates older
 * from newer ones. Connections with an id of their own that proves nothing have no order: after a revocation none is heard.
 */
export class AnonymousGate {
  #latest: number | undefined;
  /** Connections up to this number are not heard. */
  #closedUpTo: number | undefined;
  #hasClosed = false;

  /** Whether such a connection is heard; to be called for each that sends something. */
  hears(routingId: Buffer): boolean {
    const number = numberOf(routingId);
    if (number === undefined) return !this.#hasClosed;
    if (this.#closedUpTo !== undefined && !isLater(number, this.#closedUpTo)) return false;
    if (this.#latest === undefined || isLater(number, this.#latest)) this.#latest = number;
    return true;
  }

  /** A client was revoked. */
  close(): void {
    this.#hasClosed = true;
    this.#closedUpTo = this.#latest;
  }
}

function numberOf(routingId: Buffer): number | undefined {
  const isNumbered = routingId.length === NUMBERED_BYTES && routingId[0] === 0;
  return isNumbered ? routingId.readUInt32BE(1) : undefined;
}

/** The numbers begin anywhere and wrap around: serial number arithmetic, RFC 1982. */
function isLater(one: number, other: number): boolean {
  return one !== other && (one - other) >>> 0 < 2 ** 31;
}
