// A plugin of TypeDoc: the router `entry-points`, which says what has a page in docs/api. Each entry point has one, at the path
// of its import. Of those with many names, each class and interface has a page of its own, where its members' anchors are stable.

import { ReflectionKind } from 'typedoc';
import { MemberRouter } from 'typedoc-plugin-markdown';

const LARGE = new Set(['nestjs-freelance', 'nestjs-freelance/contract']);

class EntryPointRouter extends MemberRouter {
  buildChildPages(reflection, pages) {
    if (reflection.kind === ReflectionKind.Module) {
      this.membersWithOwnFile = LARGE.has(reflection.name) ? ['Class', 'Interface'] : [];
    }
    super.buildChildPages(reflection, pages);
  }

  buildAnchors(target, page) {
    // A function has one heading, and so one anchor: not one more for its signature.
    if (
      target.kind === ReflectionKind.CallSignature &&
      target.parent.kind === ReflectionKind.Function
    )
      return;
    super.buildAnchors(target, page);
  }

  getIdealBaseName(reflection) {
    if (reflection.kind === ReflectionKind.Module) return pathOf(reflection);
    const hasPage = this.membersWithOwnFile.includes(this.kindsToString.get(reflection.kind));
    // The others have anchors, and their names stay free: `contract` makes a `Contract`, and file names may ignore case.
    return `${pathOf(reflection.parent)}/${hasPage ? '' : '#'}${reflection.name}`;
  }
}

const pathOf = ({ name }) => name.replace('nestjs-freelance/', '');

export function load({ renderer }) {
  renderer.defineRouter('entry-points', EntryPointRouter);
}
