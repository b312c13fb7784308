import type { Balancer, PickContext, ServerView } from './balancer.js';
import { FreelanceError } from './freelance-error.js';
import type { Member } from './member.js';
import { isThenable } from './thenable.js';

/**
 * Servers that could take a call, and what a balancer sees of them: the one place where a balancer, which may be the
 * user's, runs.
 */
export class Candidates<M extends Member> {
  readonly members: readonly M[];
  #views: readonly ServerView[] | undefined;

  constructor(members: readonly M[]) {
    this.members = members;
  }

  get size(): number {
    return this.members.length;
  }

  /** Usually all of them: then the same object, and nothing is copied. */
  withRoom(): Candidates<M> {
    return this.members.every(hasRoom) ? this : this.where(hasRoom);
  }

  where(test: (member: M) => boolean): Candidates<M> {
    return new Candidates(this.members.filter(test));
  }

  /**
   * Whom the balancer chooses; undefined if there is nobody to choose.
   *
   * @throws FreelanceError `BALANCER` if it throws, or returns something else
   */
  pickBy(balancer: Balancer, context: PickContext): M | undefined {
    const views = (this.#views ??= Object.freeze(this.members.map(({ view }) => view)));
    if (!isNonEmpty(views)) return undefined;
    let picked: ServerView | undefined;
    try {
      picked = balancer.pick(views, context);
    } catch (cause) {
      throw new FreelanceError('BALANCER', 'balancer.pick threw an error; see its cause.', [], {
        cause,
      });
    }
    const index = picked ? views.indexOf(picked) : -1;
    if (index >= 0) return this.members[index];
    throw new FreelanceError(
      'BALANCER',
      `balancer.pick must return one of the ${views.length} servers it was given, ` +
        `but returned ${describePick(picked)}`,
    );
  }
}

function describePick(picked: unknown): string {
  if (picked === undefined) return 'undefined';
  try {
    if (!isThenable(picked)) return 'something else';
    // Nobody waits for it, so nobody else hears if it rejects: that would end the process.
    picked.then(undefined, () => {});
  } catch {
    // Its `then` throws: the user's code, as the balancer is.
    return 'something else';
  }
  return 'a promise: it has to choose at once';
}

function hasRoom(member: Member): boolean {
  return member.hasRoom;
}

function isNonEmpty<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
