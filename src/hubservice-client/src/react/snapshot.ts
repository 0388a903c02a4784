/**
 * What a component reads: an immutable value that changes at most once per frame, and work that goes on while somebody looks.
 * It starts with the first listener and stops with the last, so a render alone, as on a server, does nothing.
 */

/** Runs the task before the next paint; soon where no paint comes. */
export type Schedule = (task: () => void) => void;

export const onNextFrame: Schedule = (task) => {
  if (typeof requestAnimationFrame === "function" && !document.hidden) {
    requestAnimationFrame(task);
  } else {
    setTimeout(task, 50);
  }
};

export interface Source<Value> {
  /** Before anything happened; also what a server renders. */
  initial: Value;
  /** The value now. */
  read(): Value;
  /** Begins the work; the answer ends it. `changed` says that `read` gives something else. */
  start(changed: () => void): () => void;
}

export class Snapshot<Value> {
  readonly #source: Source<Value>;
  readonly #schedule: Schedule;
  readonly #listeners = new Set<() => void>();
  #value: Value;
  #stop: (() => void) | null = null;
  #scheduled = false;

  constructor(source: Source<Value>, schedule: Schedule = onNextFrame) {
    this.#source = source;
    this.#schedule = schedule;
    this.#value = source.initial;
  }

  readonly get = (): Value => this.#value;

  readonly getServer = (): Value => this.#source.initial;

  readonly subscribe = (listener: () => void): (() => void) => {
    // Of its own, so that the same function may listen twice.
    const own = () => listener();
    this.#listeners.add(own);
    this.#stop ??= this.#source.start(this.#changed);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) {
        this.#stop?.();
        this.#stop = null;
      }
    };
  };

  readonly #changed = (): void => {
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#schedule(() => {
        this.#scheduled = false;
        this.#value = this.#source.read();
        for (const listener of [...this.#listeners]) {
          listener();
        }
      });
    }
  };
}
