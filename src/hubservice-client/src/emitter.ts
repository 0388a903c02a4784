import { HubError, textOf } from "./errors.ts";

/** Hands what happens to those who listen; one that throws does not keep it from the others. */
export class Emitter<Events> {
  readonly #listeners = new Set<{ type: keyof Events; handler: (event: never) => unknown }>();
  readonly #failed: (error: HubError) => void;

  constructor(failed: (error: HubError) => void) {
    this.#failed = failed;
  }

  /** The same function listens as often as it was given. */
  on<Type extends keyof Events>(type: Type, handler: (event: Events[Type]) => void): () => void {
    const listener = { type, handler };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** False when nobody listens. */
  emit<Type extends keyof Events>(type: Type, event: Events[Type]): boolean {
    const listeners = [...this.#listeners].filter((listener) => listener.type === type);
    for (const { handler } of listeners) {
      guard(() => handler(event as never), this.#failed);
    }
    return listeners.length > 0;
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
