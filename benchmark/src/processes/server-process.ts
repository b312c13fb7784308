import { SUBJECTS } from '../subjects/registry.js';
import { answerParent } from './asking.js';
import type { ServerDeeds } from './deeds.js';
import { settledMemory } from './memory.js';
import { UsageMeter } from './usage.js';

const meter = new UsageMeter();

answerParent<ServerDeeds>({
  async serve({ subject: name, broker, servers }) {
    const subject = await SUBJECTS[name].load();
    const addresses: string[] = [];
    for (let server = 0; server < servers; server++) addresses.push(await subject.serve(broker));
    return addresses;
  },
  mark: () => meter.mark(),
  read: () => meter.read(),
  rest: () => process.memoryUsage.rss(),
  memory: () => settledMemory(),
});
