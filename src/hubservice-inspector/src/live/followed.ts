/** The one stream that a side of the page follows, folded into a view; its events are kept, to be folded again after a reset. */
import type { Position } from "../core/cursor";
import type { HistoryLost, SessionEvent, StreamReset } from "../wire/session";
import { createStore, type Store } from "./store";
import { Stream, type StreamParts, type StreamView } from "./stream";

export interface FollowedParts<Event extends Position, View>
  extends Pick<StreamParts<Event>, "kind" | "connection" | "belongsToGreeting" | "now" | "random" | "schedule"> {
  empty: View;
  fold: (view: View, event: Event) => View;
  markLost: (view: View, from: number, to: number) => View;
  /** After each successful subscription to the stream. */
  subscribed?: (id: string) => void;
}

export class Followed<Event extends Position, View> {
  readonly view: Store<View>;
  readonly stream: Store<StreamView | null>;
  readonly #parts: FollowedParts<Event, View>;
  #current: Stream<Event> | null = null;
  #events: Event[] = [];

  constructor(parts: FollowedParts<Event, View>) {
    this.#parts = parts;
    this.view = createStore(parts.empty, parts.schedule);
    this.stream = createStore<StreamView | null>(null, parts.schedule);
    parts.connection.on<SessionEvent<HistoryLost>>("HistoryLost", (event) => this.#current?.historyLost(event));
    parts.connection.on<SessionEvent<StreamReset>>("Reset", (event) => this.#current?.reset(event));
  }

  /** Leaves the stream that is open and follows another one from its beginning, or none. */
  open(id: string | null): void {
    this.#current?.close();
    this.#current = null;
    this.#events = [];
    this.view.set(this.#parts.empty);
    this.stream.set(null);
    if (id) {
      this.#follow(id);
    }
  }

  receive(event: Event): void {
    this.#current?.receive(event);
  }

  #follow(id: string): void {
    const { empty, fold, markLost, subscribed, ...parts } = this.#parts;
    const stream = new Stream<Event>({
      ...parts,
      id,
      accept: (event) => {
        this.#events.push(event);
        this.view.update((view) => fold(view, event));
      },
      lost: (from, to) => this.view.update((view) => markLost(view, from, to)),
      discardAbove: (seq) => {
        this.#events = this.#events.filter((event) => event.seq <= seq);
        this.view.set(this.#events.reduce(fold, empty));
      },
      subscribed: () => subscribed?.(id),
    });
    this.#current = stream;
    this.stream.set(stream.view.get());
    stream.view.subscribe(() => {
      if (this.#current === stream) {
        this.stream.set(stream.view.get());
      }
    });
  }
}
