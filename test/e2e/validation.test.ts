import { Controller, ValidationPipe } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { Transform, Type } from 'class-transformer';
import { IsDate, IsEmail, IsInt, IsOptional, Min, ValidateNested } from 'class-validator';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Parity, serveBoth } from '../support/parity.js';

class Item {
  @IsInt()
  @Min(1)
  count = 0;
}

class Order {
  @IsEmail()
  email = '';

  @Transform(({ value }) => new Date(value as string))
  @IsDate()
  placed = new Date(0);

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Item)
  items?: Item[];

  describe() {
    return `${this.email} on ${this.placed.getUTCFullYear()}`;
  }
}

/** Nest learns a handler's parameter type from `design:paramtypes`. */
@Controller()
class OrderController {
  @MessagePattern('order')
  order(@Payload() order: Order) {
    return {
      isOrder: order instanceof Order,
      areItems: order.items?.every((item) => item instanceof Item),
      text: order.describe(),
      keys: Object.keys(order).toSorted(),
    };
  }

  @MessagePattern('member')
  member(@Payload('order') order: Order) {
    return order.describe();
  }
}

let both: Parity;

beforeAll(async () => {
  both = await serveBoth({ controllers: [OrderController] }, (app) =>
    app.useGlobalPipes(
      new ValidationPipe({
        transform: true,
        whitelist: true,
        exceptionFactory: (errors) =>
          new RpcException({
            code: 'INVALID',
            fields: errors.map(({ property, constraints, children }) => ({
              property,
              constraints,
              nested: children?.length,
            })),
          }),
      }),
    ),
  );
});

afterAll(() => both[Symbol.asyncDispose]());

const ORDER = { email: 'ada@example.org', placed: '1843-07-01', items: [{ count: 2 }] };

test('ValidationPipe creates instances of the parameter’s class and drops unknown members', async () => {
  expect(await both.outcome('order', { ...ORDER, unknown: true })).toEqual({
    values: [
      {
        isOrder: true,
        areItems: true,
        text: 'ada@example.org on 1843',
        keys: ['email', 'items', 'placed'],
      },
    ],
  });
});

test('ValidationPipe checks one member of the data, by its path', async () => {
  expect(await both.outcome('member', { order: ORDER })).toEqual({
    values: ['ada@example.org on 1843'],
  });
  expect(await both.outcome('member', { order: { email: 'nobody' } })).toMatchObject({
    values: [],
    error: { code: 'INVALID' },
  });
});

test('ValidationPipe rejects invalid data, and the caller learns which fields', async () => {
  const order = { ...ORDER, email: 'nobody', items: [{ count: 0 }] };
  expect(await both.outcome('order', order)).toEqual({
    values: [],
    error: {
      code: 'INVALID',
      fields: [
        { property: 'email', constraints: { isEmail: 'email must be an email' }, nested: 0 },
        { property: 'items', nested: 1 },
      ],
    },
  });
});

test('without an exceptionFactory the caller learns no details, as over TCP', async () => {
  await using plain = await serveBoth({ controllers: [OrderController] }, (app) =>
    app.useGlobalPipes(new ValidationPipe()),
  );
  expect(await plain.outcome('order', { ...ORDER, email: 'nobody' })).toEqual({
    values: [],
    error: { status: 'error', message: 'Internal server error' },
  });
});
