/** The conversation side of the page: the thread that is open, the list of threads, and what a person can do there. */
import type { AgentConnectionId, AgentEvent, HubErrorJson, ThreadInfo } from "hubservice-client";
import { activeRun, emptyThread, foldThread, markLost, type ThreadView } from "../core/thread";
import type { Answer, Connection } from "./connection";
import { Followed, type StreamView } from "./followed";
import { createStore, type Schedule, type Store } from "./store";

export interface AgentParts {
  connection: Connection<AgentConnectionId>;
  now: () => number;
  newId: () => string;
  threadId: string | null;
  threadChanged: (id: string | null) => void;
  schedule?: Schedule;
}

export interface AgentView {
  threadId: string | null;
  threads: readonly ThreadInfo[];
  sending: boolean;
  error: HubErrorJson | null;
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
  readonly connection: Connection<AgentConnectionId>;
  readonly #parts: AgentParts;
  readonly #followed: Followed<AgentConnectionId, ThreadView>;
  #unsent: Unsent | null = null;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.connection = parts.connection;
    this.view = createStore<AgentView>({ threadId: null, threads: [], sending: false, error: null }, parts.schedule);
    this.#followed = new Followed({ ...parts, empty: emptyThread, fold: foldThread, markLost });
    this.thread = this.#followed.view;
    this.stream = this.#followed.stream;
    this.connection.onConnected(() => void this.listThreads());
    this.connection.client.on("received", ({ hub, message }) => {
      if (hub === "agent" && /^thread_/.test((message as AgentEvent).type)) {
        void this.listThreads();
      }
    });
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
    const list = await this.connection.answer((id) => this.connection.client.call(id, "ListThreads", []));
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
    const { client } = this.connection;
    const cancel = (id: AgentConnectionId) => client.call(id, "CancelRun", [runId, "Cancelled by the user"]);
    this.#show(await this.connection.answer(cancel));
  }

  async provideInput(requestId: string, value: unknown): Promise<boolean> {
    const { threadId } = this.view.get();
    const { client } = this.connection;
    const provide = (id: AgentConnectionId) => client.call(id, "ProvideInput", [requestId, value, threadId]);
    return this.#show(await this.connection.answer(provide));
  }

  dismissError(): void {
    this.#change({ error: null });
  }

  get running(): boolean {
    return activeRun(this.thread.get()) !== undefined;
  }

  async #send(text: string): Promise<boolean> {
    const { client } = this.connection;
    let threadId = this.view.get().threadId;
    if (!threadId) {
      // The thread comes first, so that it is followed before anything happens on it.
      const create = (id: AgentConnectionId) => client.call(id, "CreateThread", [{ title: shorten(text) }]);
      const created = await this.connection.answer(create);
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
    const { messageId } = this.#unsent;
    const send = (id: AgentConnectionId) => client.sendMessage(id, text, { threadId, messageId, volatile: true });
    const accepted = this.#show(await this.connection.answer(send));
    if (accepted) {
      this.#unsent = null;
    }
    return accepted;
  }

  #show(answer: Answer<object>): boolean {
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
