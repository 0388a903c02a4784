/** The newest envelopes as they came, of both hubs, for the events drawer. */
import type { AgentEvent, HubClient, ProjectEvent, SessionEvent } from "hubservice-client";
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

  /** Notes everything that arrives at the client. */
  listen(client: HubClient, now: () => number): void {
    client.on("received", ({ message }) => {
      const event = message as AgentEvent | ProjectEvent | SessionEvent;
      if ("event" in event) {
        this.add("project", event.event.name, event.type === "HELLO" ? null : event.seq, event, now());
      } else if ("seq" in event) {
        this.add("agent", event.type, event.seq, event, now());
      } else {
        this.add("session", event.type, null, event, now());
      }
    });
  }

  add(hub: Entry["hub"], name: string, seq: number | null, envelope: unknown, at: number): void {
    const entry: Entry = { id: this.#next++, hub, name, seq, at, envelope };
    this.entries.update((entries) => [...entries.slice(-limit + 1), entry]);
  }
}
