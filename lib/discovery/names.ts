import type { SearchPolicy } from './search-list.js';

export interface AddressRecord {
  readonly address: string;
  /** In seconds. */
  readonly ttl: number;
}

export interface SrvRecord {
  /** The host; `.` or empty: there is no such service. */
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/**
 * What is asked about names. Each rejects with an error that has a `code`, `ENOTFOUND` or `ENODATA` where the answer is that
 * there is no such record, and soon after the signal is aborted.
 */
export interface Names {
  /** A records. No search list, no hosts file. */
  resolve4(name: string, signal: AbortSignal): Promise<readonly AddressRecord[]>;
  /** AAAA records. */
  resolve6(name: string, signal: AbortSignal): Promise<readonly AddressRecord[]>;
  resolveSrv(name: string, signal: AbortSignal): Promise<readonly SrvRecord[]>;
  /** The addresses of a host as the rest of the machine sees it: hosts file, search list and all. */
  lookup(name: string, signal: AbortSignal): Promise<readonly string[]>;
  /** How short names are completed, as of now. Never rejects. */
  searchPolicy(): Promise<SearchPolicy>;
}
