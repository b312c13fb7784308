import { measure } from './measure.js';
import { studies } from './study.js';

/** Arguments: a study, one of its variants, the seed, and whether to be quick. Prints the figures. */
const [study, variant, seed, isQuick] = process.argv.slice(2);
const found = studies(isQuick === 'true')
  .find(({ name }) => name === study)
  ?.variants.find(({ name }) => name === variant);
if (!found) throw new Error(`there is no variant ${variant} of a study ${study}`);
const figures = await measure(found, Number(seed), (now) => process.stderr.write(`${now}\n`));
process.stdout.write(JSON.stringify(figures));
