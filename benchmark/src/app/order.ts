/** The payload of a small call: about 100 bytes as JSON. */
export interface Order {
  readonly id: number;
  readonly item: string;
  readonly colour: string;
  readonly quantity: number;
  readonly price: number;
  readonly gift: boolean;
}

export function orderOf(id: number): Order {
  return {
    id,
    item: 'umbrella',
    colour: 'midnight blue',
    quantity: 2,
    price: 1499,
    gift: true,
  };
}
