import type { ConnectionStatus } from "./link.ts";

/** What a person should be told: the connection is away for long, is back after that, or is refused for good. */
export type LossPhase = "lost" | "restored" | "failed";

/** Tells of a connection that is away for long, once, and of its return. */
export class LossWatch {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #told = false;
  readonly #afterMs: number;
  readonly #tell: (phase: LossPhase) => void;

  constructor(afterMs: number, tell: (phase: LossPhase) => void) {
    this.#afterMs = afterMs;
    this.#tell = tell;
  }

  status(status: ConnectionStatus): void {
    if (status !== "connected" && status !== "failed") {
      this.#timer ??= setTimeout(() => this.#told || this.#now("lost"), this.#afterMs);
      return;
    }
    this.stop();
    if (status === "failed") {
      this.#now(status);
    } else if (this.#told) {
      this.#now("restored");
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #now(phase: LossPhase): void {
    this.#told = phase !== "restored";
    this.#tell(phase);
  }
}
