/** Holds one immutable value and tells its listeners at most once per animation frame. */
import { useSyncExternalStore } from "react";

export interface Store<Value> {
  get(): Value;
  set(value: Value): void;
  update(change: (value: Value) => Value): void;
  subscribe(listener: () => void): () => void;
}

/** Runs the task before the next paint, soon in a hidden tab, where no paint comes. */
export type Schedule = (task: () => void) => void;

export const onNextFrame: Schedule = (task) => {
  if (document.hidden) {
    setTimeout(task, 100);
  } else {
    requestAnimationFrame(task);
  }
};

export function createStore<Value>(initial: Value, schedule: Schedule = onNextFrame): Store<Value> {
  const listeners = new Set<() => void>();
  let value = initial;
  let shown = initial;
  let scheduled = false;
  const tell = () => {
    scheduled = false;
    if (shown !== value) {
      shown = value;
      for (const listener of listeners) {
        listener();
      }
    }
  };
  const set = (next: Value) => {
    value = next;
    if (!scheduled && value !== shown) {
      scheduled = true;
      schedule(tell);
    }
  };
  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.subscribe, store.get);
}
