import { type MeterProvider, metrics, trace, type TracerProvider } from '@opentelemetry/api';
import { PACKAGE } from '../package.js';
import { sharedValue } from '../shared-value.js';
import { clientAttempts, clientCalls, serverCalls } from '../telemetry/channels.js';
import { instrument } from '../telemetry/instruments.js';
import type {
  ClientAttemptMessage,
  ClientCallMessage,
  ServerCallMessage,
} from '../telemetry/messages.js';
import { CallMetrics } from './call-metrics.js';
import { ClientCalls } from './client-calls.js';
import { FigureMetrics } from './figure-metrics.js';
import { checkConfig, type FreelanceInstrumentationConfig } from './instrumentation-config.js';
import { ServerCalls } from './server-calls.js';
import { guarded, type Telemetry, warn } from './telemetry.js';

const NAME = `${PACKAGE.name}/opentelemetry`;
const VERSION: string = PACKAGE.version;

/** Those that are on. */
const enabled = sharedValue('opentelemetry', () => new Set<object>());

const ONE_IS_ENOUGH =
  'Another FreelanceInstrumentation is on in this process: each call is recorded by both. One sees all clients and servers.';

/**
 * OpenTelemetry's traces and metrics of all freelance clients and servers of this process, by the stable conventions for RPC
 * (1.45). It is registered as any instrumentation, before or after the clients and servers are made, and in whichever module
 * format they are loaded: it patches nothing.
 *
 * ```ts
 * const sdk = new NodeSDK({ instrumentations: [new FreelanceInstrumentation()] });
 * sdk.start();
 * ```
 *
 * It has the interface `Instrumentation` of `@opentelemetry/instrumentation`, of which it needs no particular version.
 */
export class FreelanceInstrumentation {
  /** The scope of its spans and metrics: `nestjs-freelance/opentelemetry`. */
  readonly instrumentationName: string = NAME;
  /** The version of this package. */
  readonly instrumentationVersion: string = VERSION;
  readonly #telemetry: Telemetry;
  readonly #clientCalls: ClientCalls;
  readonly #serverCalls: ServerCalls;
  #figures: FigureMetrics;
  /** Undefined while it is off. */
  #removeHooks: (() => void) | undefined;
  /** Whether it hears how calls end: while it is on, and until those that it has begun to record are over. */
  #listens = false;

  /** @throws FreelanceError `BAD_OPTIONS`, naming the option and the value */
  constructor(config: FreelanceInstrumentationConfig = {}) {
    checkConfig(config);
    const meter = metrics.getMeter(NAME, VERSION);
    this.#telemetry = {
      tracer: trace.getTracer(NAME, VERSION),
      metrics: new CallMetrics(meter),
      config: { ...config, enabled: false },
    };
    this.#clientCalls = new ClientCalls(this.#telemetry);
    this.#serverCalls = new ServerCalls(this.#telemetry);
    this.#figures = new FigureMetrics(meter);
    if (config.enabled !== false) this.enable();
  }

  /** Records calls that begin from now on. Does nothing if it is on. */
  enable(): void {
    if (this.#removeHooks) return;
    if (enabled.size > 0) warn(ONE_IS_ENOUGH);
    enabled.add(this);
    this.#removeHooks = instrument({
      aroundClientCall: (call, next) => this.#clientCalls.around(call, next),
      beforeClientAttempt: (attempt) => this.#clientCalls.beforeAttempt(attempt),
      aroundServerCall: (call, next) => this.#serverCalls.around(call, next),
    });
    this.setConfig(this.getConfig());
    this.#figures.start();
    if (!this.#listens) this.#listen();
  }

  /** Records no call that begins from now on. What it has begun to record, it records to its end. */
  disable(): void {
    if (!this.#removeHooks) return;
    enabled.delete(this);
    this.#removeHooks();
    this.#removeHooks = undefined;
    this.setConfig(this.getConfig());
    this.#figures.stop();
    this.#leaveIfDone();
  }

  /** Takes the tracer of spans that start from now on from this provider. @default the global provider */
  setTracerProvider(provider: TracerProvider): void {
    this.#telemetry.tracer = provider.getTracer(NAME, VERSION);
  }

  /** Records all measurements from now on with this provider. @default the global provider */
  setMeterProvider(provider: MeterProvider): void {
    const meter = provider.getMeter(NAME, VERSION);
    this.#telemetry.metrics = new CallMetrics(meter);
    this.#figures.stop();
    this.#figures = new FigureMetrics(meter);
    if (this.#removeHooks) this.#figures.start();
  }

  /**
   * Replaces the configuration. Its `enabled` has no effect: `enable` and `disable` have.
   *
   * @throws FreelanceError `BAD_OPTIONS`, naming the option and the value
   */
  setConfig(config: FreelanceInstrumentationConfig): void {
    checkConfig(config);
    this.#telemetry.config = { ...config, enabled: this.#removeHooks !== undefined };
  }

  /** `enabled` says whether it is on. */
  getConfig(): FreelanceInstrumentationConfig {
    return this.#telemetry.config;
  }

  readonly #attemptSent = (attempt: unknown): void => {
    guarded(() => this.#clientCalls.attemptSent(attempt as ClientAttemptMessage));
  };

  readonly #attemptEnded = (attempt: unknown): void => {
    guarded(() => this.#clientCalls.attemptEnded(attempt as ClientAttemptMessage));
    this.#leaveIfDone();
  };

  readonly #clientCallEnded = (call: unknown): void => {
    guarded(() => this.#clientCalls.ended(call as ClientCallMessage));
    this.#leaveIfDone();
  };

  readonly #serverCallEnded = (call: unknown): void => {
    guarded(() => this.#serverCalls.ended(call as ServerCallMessage));
    this.#leaveIfDone();
  };

  #listen(): void {
    this.#listens = true;
    clientAttempts.start.subscribe(this.#attemptSent);
    clientAttempts.asyncEnd.subscribe(this.#attemptEnded);
    clientCalls.asyncEnd.subscribe(this.#clientCallEnded);
    serverCalls.asyncEnd.subscribe(this.#serverCallEnded);
  }

  #leaveIfDone(): void {
    if (this.#removeHooks || !this.#listens) return;
    if (!this.#clientCalls.isIdle || !this.#serverCalls.isIdle) return;
    this.#listens = false;
    clientAttempts.start.unsubscribe(this.#attemptSent);
    clientAttempts.asyncEnd.unsubscribe(this.#attemptEnded);
    clientCalls.asyncEnd.unsubscribe(this.#clientCallEnded);
    serverCalls.asyncEnd.unsubscribe(this.#serverCallEnded);
  }
}
