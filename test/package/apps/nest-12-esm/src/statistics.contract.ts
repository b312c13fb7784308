import { type ContractClient, contract, event, rpc, stream } from 'nestjs-freelance/contract';
import { z } from 'zod';

// Shared by those who serve it and those who call it.
export const statistics = contract('statistics', {
  mean: rpc<number[], number>({ atMostOnce: true }),
  round: rpc({
    payload: z.object({ value: z.number(), digits: z.int().min(0).max(9) }),
    result: z.number(),
  }),
  sums: stream<number[], number>(),
  forget: event(),
});

export type StatisticsClient = ContractClient<typeof statistics>;
