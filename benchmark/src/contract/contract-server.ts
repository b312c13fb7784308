import { FreelanceTransportServer } from 'nestjs-freelance';
import { answerParent } from '../processes/asking.js';
import { nestServer } from '../subjects/nest-server.js';
import { ContractController } from './contract.controller.js';

export interface ContractServerDeeds {
  /** Returns where clients find it. */
  serve(input?: never): Promise<readonly string[]>;
}

answerParent<ContractServerDeeds>({
  async serve() {
    const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
    await nestServer({ strategy }, ContractController);
    return strategy.endpoints;
  },
});
