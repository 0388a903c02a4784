/** The newest envelopes as they came, of both hubs, for the events drawer. */
import type { SessionEvent } from "../wire/session";
import type { Connection } from "./connection";
import { createStore, type Schedule, type Store } from "./store";

export interface Entry {
  id: number;
  hub: "agent" | "project" | "session";
  name: string;
  seq: number | null;
  at: number;
  envelope: unknown;
}

const limit = 200;

export class Journal {
  readonly entries: Store<readonly Entry[]>;
  #next = 1;

  constructor(schedule?: Schedule) {
    this.entries = createStore<readonly Entry[]>([], schedule);
  }

  add(hub: Entry["hub"], name: string, seq: number | null, envelope: unknown, at: number): void {
    const entry: Entry = { id: this.#next++, hub, name, seq, at, envelope };
    this.entries.update((entries) => [...entries.slice(-limit + 1), entry]);
  }
}

const sessionMethods = [
  "SessionCreated",
  "SessionUpdated",
  "SessionExpired",
  "TokenExpiring",
  "ServerDraining",
  "HistoryLost",
  "Reset",
];

/** Notes what a hub tells the connection about itself. */
export function noteSession(journal: Journal, connection: Connection, now: () => number): void {
  for (const method of sessionMethods) {
    connection.on<SessionEvent<unknown>>(method, (event) => journal.add("session", event.type, null, event, now()));
  }
}
