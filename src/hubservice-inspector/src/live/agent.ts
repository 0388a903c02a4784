/** The conversation side of the page: the thread that is open, the list of threads, and what a person can do there. */
import { activeRun, emptyThread, foldThread, markLost, type ThreadView } from "../core/thread";
import { type AgentEvent, agentMethods } from "../wire/agent";
import type { HubError, HubResult, MessageAccepted, ThreadInfo, ThreadList, ThreadResult } from "../wire/results";
import type { Connection } from "./connection";
import { Followed } from "./followed";
import { type Journal, noteSession } from "./journal";
import { createStore, type Schedule, type Store } from "./store";
import type { StreamView } from "./stream";

export interface AgentParts {
  connection: Connection;
  journal: Journal;
  now: () => number;
  random: () => number;
  newId: () => string;
  threadId: string | null;
  threadChanged: (id: string | null) => void;
  schedule?: Schedule;
}

export interface AgentView {
  threadId: string | null;
  threads: readonly ThreadInfo[];
  sending: boolean;
  error: HubError | null;
}

/** A message that was refused, kept so that a retry carries the same id. */
interface Unsent {
  text: string;
  messageId: string;
}

export class Agent {
  readonly view: Store<AgentView>;
  readonly thread: Store<ThreadView>;
  readonly stream: Store<StreamView | null>;
  readonly connection: Connection;
  readonly #parts: AgentParts;
  readonly #followed: Followed<AgentEvent, ThreadView>;
  #unsent: Unsent | null = null;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.connection = parts.connection;
    this.view = createStore<AgentView>({ threadId: null, threads: [], sending: false, error: null }, parts.schedule);
    this.#followed = new Followed({ ...parts, kind: "thread", empty: emptyThread, fold: foldThread, markLost });
    this.thread = this.#followed.view;
    this.stream = this.#followed.stream;
    for (const method of agentMethods) {
      parts.connection.on<AgentEvent>(method, (event) => this.#receive(event));
    }
    noteSession(parts.journal, parts.connection, parts.now);
    parts.connection.onConnected(() => void this.listThreads());
    if (parts.threadId) {
      this.open(parts.threadId);
    }
  }

  /** Follows a thread from its beginning, or leaves the current one for a new conversation. */
  open(threadId: string | null): void {
    if (threadId === this.view.get().threadId) {
      return;
    }
    this.#unsent = null;
    this.#change({ threadId, error: null });
    this.#parts.threadChanged(threadId);
    this.#followed.open(threadId);
  }

  async listThreads(): Promise<void> {
    const list = await this.connection.invoke<ThreadList>("ListThreads");
    if (!list.error) {
      this.#change({ threads: (list.threads ?? []).toSorted(newestFirst) });
    }
  }

  /** True when the message was accepted; otherwise the error is shown and the text stays with the person. */
  async send(text: string): Promise<boolean> {
    if (this.view.get().sending) {
      return false;
    }
    this.#change({ sending: true, error: null });
    const accepted = await this.#send(text);
    this.#change({ sending: false });
    return accepted;
  }

  async cancel(runId: string): Promise<void> {
    this.#show(await this.connection.invoke<HubResult>("CancelRun", runId, "Cancelled by the user"));
  }

  async provideInput(requestId: string, value: unknown): Promise<boolean> {
    const { threadId } = this.view.get();
    return this.#show(await this.connection.invoke<HubResult>("ProvideInput", requestId, value, threadId));
  }

  dismissError(): void {
    this.#change({ error: null });
  }

  get running(): boolean {
    return activeRun(this.thread.get()) !== undefined;
  }

  async #send(text: string): Promise<boolean> {
    let threadId = this.view.get().threadId;
    if (!threadId) {
      // The thread comes first, so that it is followed before anything happens on it.
      const created = await this.connection.invoke<ThreadResult>("CreateThread", { title: shorten(text) });
      threadId = created.thread?.thread_id ?? null;
      if (!this.#show(created) || !threadId) {
        return false;
      }
      this.open(threadId);
      void this.listThreads();
    }
    if (this.#unsent?.text !== text) {
      this.#unsent = { text, messageId: this.#parts.newId() };
    }
    const message = { thread_id: threadId, message_id: this.#unsent.messageId, text, target: "guide" };
    const accepted = this.#show(await this.connection.invoke<MessageAccepted>("SendMessage", message));
    if (accepted) {
      this.#unsent = null;
    }
    return accepted;
  }

  #receive(event: AgentEvent): void {
    this.#parts.journal.add("agent", event.type, event.seq, event, this.#parts.now());
    if (event.thread_id === this.view.get().threadId) {
      this.#followed.receive(event);
    }
    if (event.type === "thread_updated" || event.type === "thread_deleted" || event.type === "thread_created") {
      void this.listThreads();
    }
  }

  #show(answer: HubResult): boolean {
    if (answer.error) {
      this.#change({ error: answer.error });
    }
    return !answer.error;
  }

  #change(part: Partial<AgentView>): void {
    this.view.update((view) => ({ ...view, ...part }));
  }
}

function newestFirst(a: ThreadInfo, b: ThreadInfo): number {
  return (b.created_at ?? "").localeCompare(a.created_at ?? "");
}

function shorten(text: string): string {
  const line = text.trim().split("\n")[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
