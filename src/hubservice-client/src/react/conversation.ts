/** A conversation as a chat shows it, kept up to date event by event. Knows neither React nor a connection. */
import type { AgentEvent, InputRequested, MessageRole } from "../contracts.ts";
import type { HubErrorJson } from "../errors.ts";

export interface ChatMessage {
  readonly id: string;
  readonly role: MessageRole;
  readonly text: string;
  /** Its place in the thread; null before the hub took it. */
  readonly seq: number | null;
  /** `queued`: waits for a connection; `accepted`: the hub has it; `failed`: `retry` sends it again. */
  readonly state: "queued" | "sending" | "accepted" | "streaming" | "done" | "failed";
  readonly runId: string | null;
  readonly error: HubErrorJson | null;
}

export type AgentState = "idle" | "thinking" | "streaming" | "waiting_for_user" | "error";

export class Conversation {
  agent: AgentState = "idle";
  /** Runs that have begun and not ended, the newest last. */
  readonly runs = new Set<string>();
  readonly #messages = new Map<string, ChatMessage>();
  readonly #inputs = new Map<string, InputRequested>();
  #events: AgentEvent[] = [];
  readonly #maxMessages: number;
  readonly #maxEvents: number;

  constructor(maxMessages = 500, maxEvents = 5_000) {
    this.#maxMessages = maxMessages;
    this.#maxEvents = maxEvents;
  }

  /** In the order of the thread, what is not in it yet at the end. */
  messages(): readonly ChatMessage[] {
    const place = (message: ChatMessage) => message.seq ?? Number.POSITIVE_INFINITY;
    const sorted = [...this.#messages.values()].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
    return sorted.slice(-this.#maxMessages);
  }

  /** The newest events, oldest first. */
  events(): readonly AgentEvent[] {
    return [...this.#events];
  }

  /** Questions that a person has yet to answer. */
  inputs(): readonly InputRequested[] {
    return [...this.#inputs.values()];
  }

  message(id: string): ChatMessage | undefined {
    return this.#messages.get(id);
  }

  /** Before the hub knows of it, and as the client learns of its fate. */
  own(id: string, text: string, state: ChatMessage["state"], error: HubErrorJson | null = null): void {
    const known = this.#messages.get(id);
    if (known?.seq !== null && known !== undefined) {
      return;
    }
    this.#messages.set(id, { id, role: "user", text, seq: null, runId: null, state, error });
  }

  take(event: AgentEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#maxEvents) {
      this.#events.splice(0, this.#events.length - this.#maxEvents);
    }
    this.#fold(event);
  }

  /** Nothing above this seq happened. */
  reset(lastValid: number): void {
    const kept = this.#events.filter((event) => event.seq <= lastValid);
    const own = [...this.#messages.values()].filter((message) => message.seq === null);
    this.#messages.clear();
    this.#inputs.clear();
    this.runs.clear();
    this.agent = "idle";
    this.#events = kept;
    for (const event of kept) {
      this.#fold(event);
    }
    for (const message of own) {
      this.#messages.set(message.id, message);
    }
  }

  #fold(event: AgentEvent): void {
    switch (event.type) {
      case "user_message":
        this.#put(event, event.payload.message_id, { role: "user", text: event.payload.text, state: "done" });
        break;
      case "agent_started":
        this.runs.add(event.run_id ?? "");
        this.agent = "thinking";
        break;
      case "agent_streaming": {
        const { message_id, delta } = event.payload;
        const begun = this.#messages.get(message_id);
        if (begun?.state !== "done") {
          this.#put(event, message_id, { role: "assistant", text: (begun?.text ?? "") + delta, state: "streaming" });
          this.agent = "streaming";
        }
        break;
      }
      case "agent_message":
        this.#put(event, event.payload.message_id, {
          role: event.payload.role,
          text: event.payload.text,
          state: "done",
        });
        this.#working(event);
        break;
      case "system_message":
      case "warning_message":
        this.#put(event, event.event_id, { role: "system", text: event.payload.text, state: "done" });
        break;
      case "input_requested":
        this.#inputs.set(event.payload.request_id, event.payload);
        this.agent = "waiting_for_user";
        break;
      case "input_provided":
        this.#inputs.delete(event.payload.request_id);
        this.#working(event);
        break;
      case "agent_error":
        this.agent = event.payload.recoverable ? this.agent : "error";
        break;
      case "agent_completed":
        this.#complete(event);
        break;
      default:
        this.#working(event);
    }
  }

  #complete(event: AgentEvent & { type: "agent_completed" }): void {
    const run = event.run_id ?? "";
    const { status, final_response, error } = event.payload;
    this.runs.delete(run);
    const spoken = [...this.#messages.values()].filter(({ runId, role }) => runId === run && role === "assistant");
    for (const message of spoken.filter(({ state }) => state === "streaming")) {
      this.#messages.set(message.id, { ...message, state: status === "success" ? "done" : "failed" });
    }
    if (final_response && spoken.length === 0) {
      this.#put(event, event.event_id, { role: "assistant", text: final_response, state: "done" });
    } else if (error && status === "failed") {
      this.#put(event, event.event_id, { role: "system", text: error, state: "failed" });
    }
    this.agent = this.runs.size > 0 ? "thinking" : status === "failed" ? "error" : "idle";
  }

  /** An event of a run that goes on. */
  #working(event: AgentEvent): void {
    if (this.runs.has(event.run_id ?? "") && this.#inputs.size === 0) {
      this.agent = "thinking";
    }
  }

  #put(event: AgentEvent, id: string, message: Pick<ChatMessage, "role" | "text" | "state">): void {
    const known = this.#messages.get(id);
    const runId = event.run_id ?? known?.runId ?? null;
    this.#messages.set(id, { id, seq: known?.seq ?? event.seq, runId, error: null, ...message });
  }
}
