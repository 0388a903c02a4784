/**
 * A project greets a joiner with HELLO, the current STAGE_STATUS and a pending WAITING_CONFIRMATION before the missed
 * events. Those repeat what is known and must not move the cursor. Pure: one step per envelope.
 */
import type { ProjectEvent } from "../wire/project";
import type { Position } from "./cursor";

export type Prelude =
  | { expects: "nothing" }
  | { expects: "stage"; head: number }
  | { expects: "confirmation"; head: number; stamp: number };

export const noPrelude: Prelude = { expects: "nothing" };

export function greet(prelude: Prelude, at: Position, event: ProjectEvent): { prelude: Prelude; belongs: boolean } {
  if (event.type === "HELLO" || event.event.name === "HELLO") {
    return { prelude: { expects: "stage", head: event.seq }, belongs: true };
  }
  if (prelude.expects === "stage" && event.event.name === "STAGE_STATUS") {
    return { prelude: { expects: "confirmation", head: prelude.head, stamp: event.seq }, belongs: true };
  }
  if (prelude.expects === "confirmation" && event.event.name === "WAITING_CONFIRMATION") {
    const repeated = event.seq === prelude.stamp || (event.seq <= prelude.head && event.seq !== at.seq + 1);
    return { prelude: noPrelude, belongs: repeated };
  }
  return { prelude: noPrelude, belongs: false };
}
