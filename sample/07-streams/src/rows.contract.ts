import { contract, type ContractClient, stream } from 'nestjs-freelance/contract';

export interface Query {
  readonly count: number;
  /** The row at which the source fails. */
  readonly failAt?: number;
}

export interface Row {
  readonly id: number;
  readonly text: string;
}

/** What the service offers to the exporter. */
export const rows = contract('rows', { read: stream<Query, Row>() });

export type RowsClient = ContractClient<typeof rows>;
