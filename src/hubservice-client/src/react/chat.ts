/** The work behind a chat: one handle, its conversation, and what the person sends. */
import type { HubClient } from "../client.ts";
import type { AgentEvent, InputRequested } from "../contracts.ts";
import { closed, HubError, type HubErrorJson } from "../errors.ts";
import { newId } from "../options.ts";
import type { SessionToken } from "../token.ts";
import type { AgentConnectionId, MessageAck, OutgoingMessage } from "../types.ts";
import { type AgentState, type ChatMessage, Conversation } from "./conversation.ts";
import { Live, type LiveView } from "./live.ts";
import type { Source } from "./snapshot.ts";

export interface ChatOptions {
  /** By default the client's own. A function may be a new one at each render. */
  sessionToken?: SessionToken;
  /** The conversation to show; without it the first message begins one. */
  threadId?: string | null;
  /** `false` connects nobody. */
  enabled?: boolean;
  /** How many messages are kept for display; 500. */
  maxMessages?: number;
  /** Each event as it comes, in order. */
  onEvent?: (event: AgentEvent) => void;
}

export interface ChatView extends LiveView {
  readonly threadId: string | null;
  readonly messages: readonly ChatMessage[];
  /** The newest events of the conversation. */
  readonly events: readonly AgentEvent[];
  readonly agent: AgentState;
  /** Questions of the agent that wait for `answer`. */
  readonly inputs: readonly InputRequested[];
}

export class Chat implements Source<ChatView> {
  readonly initial: ChatView;
  onEvent: ((event: AgentEvent) => void) | undefined;
  readonly #live: Live<AgentConnectionId>;
  readonly #target: "guide" | `liaison:${string}`;
  readonly #token: SessionToken | undefined;
  readonly #enabled: boolean;
  readonly #conversation: Conversation;
  readonly #unsent = new Map<string, string | OutgoingMessage>();
  #threadId: string | null;

  constructor(client: HubClient, target: "guide" | `liaison:${string}`, options: ChatOptions) {
    this.#live = new Live(client);
    this.#target = target;
    this.#token = options.sessionToken;
    this.#enabled = options.enabled ?? true;
    this.#threadId = options.threadId ?? null;
    this.#conversation = new Conversation(options.maxMessages);
    this.initial = this.read();
  }

  read(): ChatView {
    return {
      ...this.#live.view,
      threadId: this.#threadId,
      messages: this.#conversation.messages(),
      events: this.#conversation.events(),
      inputs: this.#conversation.inputs(),
      agent: this.#conversation.agent,
    };
  }

  start(changed: () => void): () => void {
    if (!this.#enabled) {
      return () => {};
    }
    const thread = this.#threadId === null ? {} : { threadId: this.#threadId };
    return this.#live.start(changed, {
      open: () => this.#live.client.open(this.#target, this.#token, thread),
      event: (event) => {
        this.#conversation.take(event);
        this.onEvent?.(event);
      },
      reset: (lastValid) => this.#conversation.reset(lastValid),
      connected: () => this.#flushed(),
    });
  }

  /** Shows the message at once and sends it. */
  send(message: string | OutgoingMessage): Promise<MessageAck> {
    const id = `msg_${newId()}`;
    this.#unsent.set(id, message);
    return silent(this.#send(id, message));
  }

  /** Sends a failed message again, as the same message. */
  retry(messageId: string): Promise<MessageAck> {
    const message = this.#unsent.get(messageId);
    const unknown = () => Promise.reject(new HubError("not_found", "There is no such unsent message."));
    return silent(message === undefined ? unknown() : this.#send(messageId, message));
  }

  /** Asks the agent to stop its newest run; does nothing when none goes on. */
  async stop(): Promise<void> {
    const run = [...this.#conversation.runs].at(-1);
    if (run && this.#live.id) {
      await this.#live.told(this.#live.client.cancelRun(this.#live.id, run, "Stopped by the user"));
    }
  }

  /** Answers a question of the agent. */
  async answer(requestId: string, value: unknown): Promise<void> {
    if (this.#live.id) {
      await this.#live.told(this.#live.client.provideInput(this.#live.id, requestId, value));
    }
  }

  clearError(): void {
    this.#live.clearError();
  }

  async #send(id: string, message: string | OutgoingMessage): Promise<MessageAck> {
    const { client } = this.#live;
    const connection = this.#live.id;
    try {
      if (!connection) {
        throw closed();
      }
      this.#note(id, message, client.isConnected(connection) ? "sending" : "queued");
      const accepted = await client.sendMessage(connection, message, { messageId: id });
      this.#unsent.delete(id);
      this.#threadId = accepted.thread_id;
      this.#note(id, message, "accepted");
      return accepted;
    } catch (error) {
      this.#note(id, message, "failed", this.#live.fail(error));
      throw error;
    }
  }

  /** What waited for a connection is on its way. */
  #flushed(): void {
    for (const [id, message] of this.#unsent) {
      if (this.#conversation.message(id)?.state === "queued") {
        this.#note(id, message, "sending");
      }
    }
  }

  #note(id: string, message: string | OutgoingMessage, state: ChatMessage["state"], error: HubErrorJson | null = null) {
    this.#conversation.own(id, typeof message === "string" ? message : message.text, state, error);
    this.#live.changed();
  }
}

/** A rejection that nobody awaits is no unhandled one: the message shows it. */
function silent<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {});
  return promise;
}
