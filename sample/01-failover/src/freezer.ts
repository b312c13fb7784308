/**
 * Freezes the process whose id is the argument, for as long as the parent stays. A frozen process
 * cannot see that its parent has died; this one can, and lets it run on, so that it sees it too.
 */
import { tellParent, whenParentLeaves } from './parent.js';

const pid = Number(process.argv[2]);

process.kill(pid, 'SIGSTOP');
whenParentLeaves(() => process.kill(pid, 'SIGCONT'));
tellParent({ type: 'ready' });
