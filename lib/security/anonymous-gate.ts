/** libzmq's ids for connections that chose none: a zero, and a number of four bytes. Others cannot begin with a zero. */
const NUMBERED_BYTES = 5;

/**
 * Which connections are heard that do not say whose they are: after a revocation only younger ones, since an older one
 * may be the revoked client's.
 *
 * A ROUTER numbers them in the order in which they come (libzmq 4.3.5, `router_t::identify_peer`), so that one number
 * tells the older ones from the younger, however many there were. Those that chose their id, and do not prove by it
 * whose they are, have no order: after a revocation none of them is heard.
 */
export class AnonymousGate {
  #latest: number | undefined;
  /** Nobody up to this number is heard. */
  #closedUpTo: number | undefined;
  #hasClosed = false;

  /** To be asked when such a connection speaks. */
  hears(routingId: Buffer): boolean {
    const number = numberOf(routingId);
    if (number === undefined) return !this.#hasClosed;
    if (this.#closedUpTo !== undefined && !isLater(number, this.#closedUpTo)) return false;
    if (this.#latest === undefined || isLater(number, this.#latest)) this.#latest = number;
    return true;
  }

  /** Somebody was revoked. */
  close(): void {
    this.#hasClosed = true;
    this.#closedUpTo = this.#latest;
  }
}

function numberOf(routingId: Buffer): number | undefined {
  const isNumbered = routingId.length === NUMBERED_BYTES && routingId[0] === 0;
  return isNumbered ? routingId.readUInt32BE(1) : undefined;
}

/** They begin anywhere and wrap around: serial number arithmetic, RFC 1982. */
function isLater(one: number, other: number): boolean {
  return one !== other && (one - other) >>> 0 < 2 ** 31;
}
