/** Hands what happens to those who listen; one that throws does not keep it from the others. */
export class Emitter<Events> {
  readonly #handlers = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
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

  emit<Type extends keyof Events>(type: Type, event: Events[Type]): void {
    for (const handler of this.#handlers.get(type) ?? []) {
      try {
        (handler as (event: Events[Type]) => void)(event);
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
