/**
 * Tracks a subscriber's position in one stream. Pure: each function says where the cursor stands after what arrived, or why it
 * stays where it is. The .NET client follows the same table of cases.
 */

/** Everything up to and including `seq` of this epoch was seen. */
export interface Position {
  readonly epoch: string;
  /** 0 is before the first event. */
  readonly seq: number;
}

/** The last position seen; null before the cursor is anchored, when any event is the first. */
export type Cursor = Position | null;

/**
 * Where the cursor stands now that it is the next one, or why it is not, and then the cursor stays:
 * - `duplicate`: it was seen before, drop it
 * - `gap`: something before it is missing, drop it and subscribe again from the position
 * - `reset`: another epoch and not the next one, drop it and subscribe again from the position; the hub tells what is void
 */
export type Step = Position | "duplicate" | "gap" | "reset";

/** Before the first event, whatever the epoch. */
export const start: Position = { epoch: "", seq: 0 };

/** An event arrived. */
export function advance(cursor: Cursor, { epoch, seq }: Position): Step {
  // Also in another epoch: it changes when the store restarts, and the hub tells of a rollback before it sends the next event.
  if (!cursor || seq === cursor.seq + 1) {
    return { epoch, seq };
  }
  if (cursor.epoch !== "" && cursor.epoch !== epoch) {
    return "reset";
  }
  return seq <= cursor.seq ? "duplicate" : "gap";
}

/** `history_lost` arrived: `from..to` are gone, the next event is `to + 1`. */
export function historyLost(cursor: Cursor, { from, to }: { from: number; to: number }): Step {
  if (!cursor || to <= cursor.seq) {
    return "duplicate";
  }
  return from <= cursor.seq + 1 ? { epoch: cursor.epoch, seq: to } : "gap";
}

/** `reset` arrived: the stream goes on in `epoch`, and nothing above `last_valid` counts. */
export function reset(cursor: Cursor, { epoch, last_valid }: { epoch: string; last_valid: number }): Step {
  if (!cursor || (cursor.epoch === epoch && cursor.seq <= last_valid)) {
    return "duplicate";
  }
  return { epoch, seq: Math.min(cursor.seq, last_valid) };
}

/** The answer to Subscribe: an unanchored cursor stands at the head; one at the beginning learns the epoch. */
export function anchor(cursor: Cursor, head: Position): Position {
  return cursor?.epoch ? cursor : { epoch: head.epoch, seq: (cursor ?? head).seq };
}

/** The answer to Subscribe says that nothing was missed since `asked`: it is as good in the stream's epoch. */
export function recovered(cursor: Cursor, asked: Position, epoch: string): Cursor {
  const moved = !cursor || cursor.epoch !== asked.epoch || cursor.seq !== asked.seq;
  return moved || epoch === "" ? cursor : { epoch, seq: cursor.seq };
}

/** The text that Subscribe takes: `epoch:seq`. */
export function positionText(at: Position): string {
  return `${at.epoch}:${at.seq}`;
}

/** Reads `epoch:seq`; null when it is no position. */
export function parsePosition(text: string): Position | null {
  const match = /^(.*):(\d{1,15})$/.exec(text);
  return match ? { epoch: match[1] ?? "", seq: Number(match[2]) } : null;
}
