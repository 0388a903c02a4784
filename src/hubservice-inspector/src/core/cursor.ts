/** Tracks a subscriber's position in one stream. Pure: the caller keeps the cursor and acts on the verdict. */

export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

export type Verdict =
  /** The next event, in order. */
  | { kind: "accept" }
  /** Seen already: leave it out. */
  | { kind: "duplicate" }
  /** The events `from..to` never arrived, this one did. */
  | { kind: "gap"; from: number; to: number }
  /** Another epoch, and not the next event: leave it out, subscribe again from the position and be told. */
  | { kind: "reset" };

/** Before the first event, whatever the epoch. */
export const start: Position = { epoch: "", seq: 0 };

export function advance(at: Position, event: Position): { at: Position; verdict: Verdict } {
  const here: Position = { epoch: event.epoch, seq: event.seq };
  // Also in another epoch: it changes when the store restarts, and the hub tells of a rollback before it sends the next event.
  if (event.seq === at.seq + 1) {
    return { at: here, verdict: { kind: "accept" } };
  }
  if (at.epoch !== "" && at.epoch !== event.epoch) {
    return { at, verdict: { kind: "reset" } };
  }
  if (event.seq <= at.seq) {
    return { at, verdict: { kind: "duplicate" } };
  }
  return { at: here, verdict: { kind: "gap", from: at.seq + 1, to: event.seq - 1 } };
}

/** When nothing was missed since `asked`, it is as good in the stream's epoch. */
export function recovered(at: Position, asked: Position, epoch: string): Position {
  return at.epoch === asked.epoch && at.seq === asked.seq ? { epoch, seq: at.seq } : at;
}

/** After `history_lost{from,to}` the next event is `to + 1`. */
export function skip(at: Position, to: number): Position {
  return to > at.seq ? { ...at, seq: to } : at;
}

/** After `reset{epoch,last_valid}` nothing above `last_valid` counts. */
export function rewind(at: Position, epoch: string, lastValid: number): Position {
  return { epoch, seq: Math.min(at.seq, lastValid) };
}

/** The text that Subscribe takes: `epoch:seq`. */
export function positionText(at: Position): string {
  return `${at.epoch}:${at.seq}`;
}
