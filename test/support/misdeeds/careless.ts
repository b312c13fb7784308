/** What user code may do instead of its work. */
export const WAYS = [
  'throws',
  'rejects',
  'rejects later',
  'never settles',
  'takes long',
  'closes the server',
  'closes the client',
  'calls',
  'unsubscribes',
] as const;

export type Way = (typeof WAYS)[number];

/** The ways of code that nobody waits for. */
export const SUDDEN_WAYS = [
  'throws',
  'closes the server',
  'closes the client',
  'calls',
  'unsubscribes',
] as const satisfies readonly Way[];

/** What the code can use to call back into the library. */
export interface Within {
  closeServer(): unknown;
  closeClient(): void;
  /** Makes another call through the same client to the same server. */
  call(): Promise<unknown>;
  /** For the call for which the code runs. */
  unsubscribe(): void;
}

export const CARELESS = 'careless';

/** User code that misbehaves in one way, the first time it runs. */
export class Careless {
  /** The first run has begun. */
  readonly struck: Promise<void>;
  hasStruck = false;
  /** The caller has received a first value. */
  readonly heard: Promise<void>;
  hasBeenHeard = () => {};
  /** The outcome of its own call. */
  answer: Promise<unknown> | undefined;
  within: Within | undefined;
  #strike = () => {};
  #release = () => {};
  readonly #released: Promise<void>;

  constructor(readonly way: Way) {
    this.struck = new Promise((resolve) => (this.#strike = resolve));
    this.heard = new Promise((resolve) => (this.hasBeenHeard = resolve));
    this.#released = new Promise((resolve) => (this.#release = resolve));
  }

  /** Ends what takes long, and rejects what rejects late. */
  release(): void {
    this.#release();
  }

  /** Code that may be asynchronous. @returns the value, unless that is the misdeed */
  run<Value>(value: Value): Value | Promise<Value> {
    if (this.hasStruck) return value;
    const { way } = this;
    const doneNow = this.runNow(value);
    switch (way) {
      case 'rejects':
        return Promise.reject(new Error(CARELESS));
      case 'rejects later':
        return this.#released.then(() => Promise.reject(new Error(CARELESS)));
      case 'never settles':
        return new Promise(() => {});
      case 'takes long':
        return this.#released.then(() => value);
      case 'calls':
        return (this.answer ?? Promise.resolve()).then(() => value);
      default:
        return doneNow;
    }
  }

  /** Code whose promise nobody would await. */
  runNow<Value>(value: Value): Value {
    if (this.hasStruck) return value;
    this.hasStruck = true;
    this.#strike();
    const { within } = this;
    switch (this.way) {
      case 'throws':
        throw new Error(CARELESS);
      case 'closes the server':
        void within?.closeServer();
        break;
      case 'closes the client':
        within?.closeClient();
        break;
      case 'calls':
        this.answer = within?.call();
        break;
      case 'unsubscribes':
        within?.unsubscribe();
        break;
    }
    return value;
  }
}
