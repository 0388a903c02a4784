import type { ConnectionStatus } from "./link.ts";

/** What a person should be told: the connection is away for long, is back after that, or is refused for good. */
export type LossPhase = "lost" | "restored" | "failed";

/** Takes each status of a connection, and tells of one that is away for long, once, and of its return. */
export function lossWatch(afterMs: number, tell: (phase: LossPhase) => void): (status: ConnectionStatus) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let told = false;
  const now = (phase: LossPhase) => {
    told = phase !== "restored";
    tell(phase);
  };
  return (status) => {
    if (/^(connected|failed|closed)$/.test(status)) {
      clearTimeout(timer);
      timer = undefined;
    } else {
      timer ??= setTimeout(() => told || now("lost"), afterMs);
    }
    if (status === "failed") {
      now(status);
    } else if (status === "connected" && told) {
      now("restored");
    }
  };
}
