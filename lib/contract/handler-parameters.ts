import { Ctx, Payload } from '@nestjs/microservices';
import type { Class } from './handler-method.js';
import { PARAMETERS, PAYLOAD_PARAMETER } from './nest-metadata.js';

interface Decorated {
  readonly kind: string;
  readonly index: number;
  readonly data?: unknown;
}

/**
 * Sees to it that a handler gets the payload first and the context second. Without decorators, Nest passes the payload alone.
 *
 * @returns what is wrong with the parameters, and what to do; undefined if nothing is
 */
export function bindParameters(target: Class, key: string, count: number): string | undefined {
  const decorated = decoratedParameters(target, key);
  const wrong = whatIsWrong(decorated, count);
  if (wrong !== undefined) return wrong;
  const prototype = target.prototype as object;
  if (!decorated.some(({ index }) => index === 0)) Payload()(prototype, key, 0);
  if (!decorated.some(({ index }) => index === 1)) Ctx()(prototype, key, 1);
  return undefined;
}

function whatIsWrong(decorated: readonly Decorated[], count: number): string | undefined {
  const undecorated = Array.from({ length: count }, (_, index) => index).find(
    (index) => index > 1 && !decorated.some((parameter) => parameter.index === index),
  );
  if (undecorated !== undefined) {
    return (
      `parameter ${undecorated + 1} has no decorator, so Nest would pass nothing. ` +
      'Only the payload and the context, first and second, go without one'
    );
  }
  if (decorated.length === 0) return undefined;
  const first = decorated.find(({ index }) => index === 0);
  if (!first) {
    return 'some parameters are decorated, but the first is not. Decorate it with @Payload(), or none';
  }
  if (first.kind !== PAYLOAD_PARAMETER)
    return 'the first parameter has to be the payload: @Payload()';
  if (typeof first.data === 'string') {
    return `the first parameter is ${JSON.stringify(first.data)} of the payload. Take the whole: @Payload()`;
  }
  const second = decorated.find(({ kind, index }) => kind === PAYLOAD_PARAMETER && index > 0);
  if (second) {
    return `parameter ${second.index + 1} is a payload, too. Only the first can be, which is checked as a whole`;
  }
  return undefined;
}

function decoratedParameters(target: Class, key: string): readonly Decorated[] {
  const found: unknown = Reflect.getMetadata(PARAMETERS, target, key) ?? {};
  return Object.entries(found as Record<string, Omit<Decorated, 'kind'>>).map(
    ([name, { index, data }]) => ({ kind: name.split(':')[0] ?? '', index, data }),
  );
}
