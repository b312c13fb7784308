import type { FleetEvent, FleetSnapshot } from '../../fleet/snapshot.js';
import type { CliIo } from '../cli-io.js';
import { coloursOf } from '../colours.js';
import { LiveScreen } from './live-screen.js';
import { screenOf, type Shown } from './screen.js';
import { INITIAL_VIEW, keysIn, type Leave, pressed, type ViewState } from './view-state.js';

/** No terminal shows more. */
const MOST_EVENTS = 200;

/** What `top` shows at a terminal, and what keys make of it. */
export class LiveTop {
  readonly #screen: LiveScreen;
  readonly #io: CliIo;
  /** Resolves when the person at the keyboard has had enough. */
  readonly left: Promise<Leave>;
  #leave: (how: Leave) => void = () => undefined;
  #view: ViewState = INITIAL_VIEW;
  #now: Shown = { snapshot: undefined, events: [] };
  /** What is shown while it is paused. */
  #paused: Shown | undefined;

  constructor(io: CliIo) {
    this.#io = io;
    this.left = new Promise((resolve) => (this.#leave = resolve));
    this.#screen = new LiveScreen(io, {
      typed: (text) => this.#typed(text),
      redraw: () => this.#draw(),
      gone: () => this.#leave('quit'),
    });
  }

  open(): void {
    this.#screen.open();
    this.#draw();
  }

  close(): void {
    this.#screen.close();
  }

  show(snapshot: FleetSnapshot): void {
    const events: readonly FleetEvent[] = [...this.#now.events, ...snapshot.events];
    this.#now = { snapshot, events: events.slice(-MOST_EVENTS) };
    if (!this.#paused) this.#draw();
  }

  #typed(text: string): void {
    for (const key of keysIn(text)) {
      const servers = this.#now.snapshot?.servers.length ?? 0;
      const after = pressed(this.#view, key, servers);
      if (typeof after === 'string') return this.#leave(after);
      this.#view = after;
    }
    this.#paused = this.#view.isPaused ? (this.#paused ?? this.#now) : undefined;
    this.#draw();
  }

  #draw(): void {
    const { columns, rows } = this.#screen;
    const colours = coloursOf(this.#io.isTty, this.#io.env);
    this.#screen.draw(screenOf(this.#paused ?? this.#now, this.#view, { columns, rows, colours }));
  }
}
