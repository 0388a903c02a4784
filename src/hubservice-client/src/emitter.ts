import { HubError, textOf } from "./errors.ts";

/** Hands what happens to those who listen; one that throws does not keep it from the others. */
export class Emitter<Events> {
  readonly #handlers = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #failed: (error: HubError) => void;

  constructor(failed: (error: HubError) => void) {
    this.#failed = failed;
  }

  on<Type extends keyof Events>(type: Type, handler: (event: Events[Type]) => void): () => void {
    const handlers = this.#handlers.get(type) ?? new Set();
    this.#handlers.set(type, handlers);
    // A wrapper of its own, so that the same function listens as often as it was given.
    const own = (event: Events[Type]) => handler(event);
    handlers.add(own);
    return () => handlers.delete(own);
  }

  /** False when nobody listens. */
  emit<Type extends keyof Events>(type: Type, event: Events[Type]): boolean {
    const handlers = [...(this.#handlers.get(type) ?? [])];
    for (const handler of handlers) {
      guard(() => (handler as (event: Events[Type]) => unknown)(event), this.#failed);
    }
    return handlers.length > 0;
  }
}

/** Calls a handler. What it throws, or its promise rejects with, is its author's matter, and no reason to stop. */
export function guard(handler: () => unknown, failed: (error: HubError) => void): void {
  const threw = (cause: unknown) => failed(new HubError("internal", `A handler threw: ${textOf(cause)}`, { cause }));
  try {
    const made = handler();
    if (made instanceof Promise) {
      made.catch(threw);
    }
  } catch (error) {
    threw(error);
  }
}
