import type { CallOptions as Calling } from "./calls.ts";
import { contentOf } from "./content.ts";
import type { NewAgentEvent, NewProjectEvent, PublishResult } from "./contracts.ts";
import { deferred, within } from "./deferred.ts";
import { Emitter } from "./emitter.ts";
import { closed, HubError, UnauthorizedError } from "./errors.ts";
import type { Taking } from "./feed.ts";
import { Handle } from "./handle.ts";
import { iterate } from "./iterate.ts";
import type { ConnectionStatus } from "./link.ts";
import { lossWatch } from "./loss.ts";
import type { Answer, Arguments, Method } from "./methods.ts";
import { noticesOf } from "./notices.ts";
import { type HubClientOptions, type Settings, settingsOf } from "./options.ts";
import { Pool } from "./pool.ts";
import type { SessionToken } from "./token.ts";
import type {
  AgentConnectionId,
  CallOptions,
  ClientEvents,
  ConnectionHealth,
  ConnectionId,
  ConnectOptions,
  EventMapOf,
  EventOf,
  MessageAck,
  OutgoingMessage,
  ProjectConnectionId,
  SendOptions,
  SubscribeOptions,
  Target,
  Unsubscribe,
} from "./types.ts";

/**
 * The connections of an application to HubService. Each `connectTo…` gives a handle at once and connects in the background,
 * for as long as it takes; calls wait for the connection, and events of a followed stream arrive in order, each once.
 */
export class HubClient {
  readonly #settings: Settings;
  readonly #pool: Pool;
  readonly #handles = new Map<ConnectionId, Handle>();
  readonly #emitter: Emitter<ClientEvents>;
  #health: ReadonlyMap<ConnectionId, ConnectionHealth> | null = null;
  #next = 1;

  constructor(options: HubClientOptions) {
    this.#settings = settingsOf(options);
    this.#emitter = new Emitter(({ message, cause }) => this.#settings.logger("error", message, cause as object));
    this.#pool = new Pool(this.#settings, (hub) =>
      noticesOf(hub, this.#settings, this.#emitter, () => this.#changed()),
    );
  }

  /** A conversation with the guide agent. */
  async connectToGuide(sessionToken?: SessionToken, options?: ConnectOptions): Promise<AgentConnectionId> {
    return this.open("guide", sessionToken, options);
  }

  /** A conversation with the liaison agent of a pillar. */
  async connectToLiaison(
    pillar: string,
    sessionToken?: SessionToken,
    options?: ConnectOptions,
  ): Promise<AgentConnectionId> {
    return this.open(`liaison:${pillar}`, sessionToken, options);
  }

  async connectToProject(projectId: string, sessionToken?: SessionToken): Promise<ProjectConnectionId> {
    return this.open(`project:${projectId}`, sessionToken);
  }

  /** The handle without a promise around it. */
  open(target: `project:${string}`, sessionToken?: SessionToken): ProjectConnectionId;
  open(target: "guide" | `liaison:${string}`, sessionToken?: SessionToken, options?: ConnectOptions): AgentConnectionId;
  open(target: Target, sessionToken = this.#settings.sessionToken, options: ConnectOptions = {}): ConnectionId {
    if (sessionToken === undefined) {
      throw new UnauthorizedError("There is no token.");
    }
    const project = /^project:(.*)/s.exec(target)?.[1];
    const id = `connection_${this.#next++}` as ConnectionId;
    const hub = this.#pool.take(project === undefined ? "agent" : "project", sessionToken);
    const loss = lossWatch(this.#settings.lostConnectionAfterMs, (phase) =>
      this.#emitter.emit("lost", { connectionId: id, phase }),
    );
    const handle = new Handle(id, target, hub, project ?? options.threadId ?? null, loss);
    this.#handles.set(id, handle);
    hub.users.add(handle);
    loss(hub.link.state.status);
    this.#changed();
    return id;
  }

  /**
   * Sends to the connection's agent, waiting for a connection if need be; sent again under the same id until there is an answer.
   * The first message without a thread begins the connection's conversation; others wait until it has, whatever their `signal` or
   * `volatile`.
   */
  async sendMessage(
    id: AgentConnectionId,
    message: string | OutgoingMessage,
    options: SendOptions = {},
  ): Promise<MessageAck> {
    const handle = this.#handle(id);
    const { threadId, messageId = `msg_${this.#settings.newId()}`, target = handle.target, volatile } = options;
    while (threadId === undefined && handle.streamId === null && handle.beginning) {
      await handle.beginning.catch(() => {});
    }
    const thread = threadId ?? handle.streamId;
    const body = {
      ...(typeof message === "string" ? { text: message } : message),
      thread_id: thread ?? undefined,
      message_id: messageId,
      target: target ?? undefined,
    };
    const sent = this.#call<MessageAck>(id, "SendMessage", [body], { ...options, repeatable: true, queue: !volatile });
    if (thread === null) {
      handle.beginning = sent;
      try {
        handle.begin((await sent).thread_id);
        this.#changed();
      } finally {
        handle.beginning = null;
      }
    }
    return sent;
  }

  /**
   * Publishes to the project or to a thread; each event gets an `event_id`, so that a retry publishes nothing twice. Rejects when
   * one is refused for good, with its error; `details.results` of that say what became of each event.
   */
  async publish<Id extends ConnectionId>(
    id: Id,
    events: readonly (Id extends AgentConnectionId ? NewAgentEvent : NewProjectEvent)[],
    options: CallOptions & { threadId?: string } = {},
  ): Promise<readonly PublishResult[]> {
    const hub = this.#handle(id).hub.name;
    const named = events.map((event) => {
      const { name, payload } = contentOf(event);
      this.#settings.validate?.(name, payload, "publish", hub);
      return { ...event, event_id: event.event_id ?? `evt_${this.#settings.newId()}` };
    });
    const repeatable = { ...options, repeatable: true };
    return (await this.#ask<{ results: PublishResult[] }>(id, "Publish", [named], repeatable)).results;
  }

  /** Calls a method of the hub by its name. It is sent once, and waits for a connection as long as for an answer; `repeatable` when sending it again does no harm. */
  call<Id extends ConnectionId, Name extends Method<Id> & string>(
    id: Id,
    method: Name,
    args: Arguments<Id, Name>,
    options: CallOptions & { repeatable?: boolean } = {},
  ): Promise<Answer<Id, Name>> {
    return this.#call(id, method, args, options);
  }

  /** Confirms the stage that the person saw. */
  confirm(id: ProjectConnectionId, stageId?: string): Promise<Answer<ProjectConnectionId, "Confirm">> {
    return this.#ask(id, "Confirm", [stageId ?? null]);
  }

  restartStage(id: ProjectConnectionId, stageId: string): Promise<Answer<ProjectConnectionId, "RestartStage">> {
    return this.#ask(id, "RestartStage", [stageId]);
  }

  /** A command of the pipeline; the answer is the worker's. */
  command(id: ProjectConnectionId, name: string, args?: unknown): Promise<Answer<ProjectConnectionId, "Command">> {
    return this.#ask(id, "Command", [name, args ?? null], { timeoutMs: 35_000 });
  }

  chat(id: ProjectConnectionId, text: string): Promise<Answer<ProjectConnectionId, "Chat">> {
    return this.#ask(id, "Chat", [text]);
  }

  getState(id: ProjectConnectionId): Promise<Answer<ProjectConnectionId, "GetState">> {
    return this.#ask(id, "GetState", [], { repeatable: true });
  }

  /** A page of the conversation or project; `after` and `before` are positions. */
  getHistory<Id extends ConnectionId>(
    id: Id,
    page: { after?: string; before?: string; limit?: number; threadId?: string } & CallOptions = {},
  ): Promise<Answer<Id, Method<Id> & "GetHistory">> {
    const { after = null, before = null, limit = null, ...options } = page;
    return this.#ask(id, "GetHistory", [after, before, limit], { ...options, repeatable: true });
  }

  /** Asks the agent, or the project's worker, to stop; the end of the run follows as an event. */
  async cancelRun(id: ConnectionId, runId: string, reason?: string): Promise<void> {
    const agent = this.#handle(id).hub.name === "agent";
    await (agent ? this.#call(id, "CancelRun", [runId, reason ?? null]) : this.#ask(id, "CancelRun", [runId]));
  }

  /** Answers an `input_requested` of the conversation. */
  async provideInput(id: AgentConnectionId, requestId: string, value: unknown, threadId?: string): Promise<void> {
    await this.#call(id, "ProvideInput", [requestId, value, this.#stream(id, threadId)], { queue: true });
  }

  /** Follows events of one type, or with `*` all. They arrive in order, each once, across reconnects. */
  subscribe<Id extends ConnectionId>(
    id: Id,
    type: "*",
    handler: (event: EventOf<Id>) => void,
    options?: SubscribeOptions,
  ): Unsubscribe;
  subscribe<Id extends ConnectionId, Type extends keyof EventMapOf<Id> & string>(
    id: Id,
    type: Type,
    handler: (event: EventMapOf<Id>[Type]) => void,
    options?: SubscribeOptions,
  ): Unsubscribe;
  subscribe(
    id: ConnectionId,
    type: string,
    handler: (event: never) => void,
    options: SubscribeOptions = {},
  ): Unsubscribe {
    const taking: Taking<never> = {
      ...options,
      event: (event) => (type === "*" || type === contentOf(event).name) && handler(event),
      ended: (error) => error && options.onError?.(error),
    };
    return this.#handle(id).follow(taking as Taking<unknown> as Taking).stop;
  }

  /** The same as an iterable, from the first `next` on; ends with the connection or its signal, throws when it may not be followed. */
  events<Id extends ConnectionId>(id: Id, options: SubscribeOptions = {}): AsyncIterableIterator<EventOf<Id>> {
    const handle = this.#handle(id);
    return iterate<EventOf<Id>>((taking) => handle.follow({ ...options, ...taking } as unknown as Taking));
  }

  on<Type extends keyof ClientEvents>(type: Type, handler: (event: ClientEvents[Type]) => void): Unsubscribe {
    return this.#emitter.on(type, handler);
  }

  /** `closed` also for a handle that is no longer there. */
  getConnectionStatus(id: ConnectionId): ConnectionStatus {
    return this.#handles.get(id)?.hub.link.state.status ?? "closed";
  }

  isConnected(id: ConnectionId): boolean {
    return this.getConnectionStatus(id) === "connected";
  }

  getConnectionHealth(id: ConnectionId): ConnectionHealth {
    this.#handle(id);
    return this.getAllConnectionsHealth().get(id) as ConnectionHealth;
  }

  /** The same map until something changes, which `health` tells. */
  getAllConnectionsHealth(): ReadonlyMap<ConnectionId, ConnectionHealth> {
    this.#health ??= new Map([...this.#handles].map(([id, handle]) => [id, handle.health()]));
    return this.#health;
  }

  /** Resolves when connected; rejects when the token is refused, the handle is closed, or the time is over. */
  async ready(id: ConnectionId, timeoutMs = 0): Promise<void> {
    const handle = this.#handle(id);
    const outcome = deferred<void>();
    const look = () => {
      const { status, error } = handle.hub.link.state;
      if (handle.closed || status === "failed") {
        outcome.reject(handle.closed ? closed() : error);
      } else if (status === "connected") {
        outcome.resolve();
      }
    };
    const unlisten = this.on("status", look);
    look();
    await within(outcome.promise, timeoutMs).finally(unlisten);
  }

  /** Tries now instead of waiting; cuts a connection that is there, and tries again where it had failed. */
  reconnectNow(id?: ConnectionId): void {
    const handles = id === undefined ? [...this.#handles.values()] : [this.#handle(id)];
    for (const hub of new Set(handles.map((handle) => handle.hub))) {
      hub.link.reconnectNow();
    }
  }

  /** Ends the handle: its subscriptions stop, its calls reject with `closed`. The connection goes when nobody else uses it. */
  async disconnect(id: ConnectionId): Promise<void> {
    const handle = this.#handles.get(id);
    if (handle) {
      const previous = handle.hub.link.state.status;
      this.#handles.delete(id);
      handle.hub.users.delete(handle);
      handle.close();
      this.#pool.leave(handle.hub);
      this.#emitter.emit("status", { connectionId: id, previous, status: "closed", error: null, retryInMs: null });
      this.#changed();
    }
  }

  /** Ends all handles and connections. */
  async close(): Promise<void> {
    await Promise.all([...this.#handles.keys()].map((id) => this.disconnect(id)));
    await this.#pool.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #handle(id: ConnectionId): Handle {
    const handle = this.#handles.get(id);
    if (!handle) {
      throw closed();
    }
    return handle;
  }

  #stream(id: ConnectionId, threadId = this.#handle(id).streamId): string {
    if (threadId === null) {
      throw new HubError("invalid_message", "There is no conversation");
    }
    return threadId;
  }

  async #call<Result>(
    id: ConnectionId,
    method: string,
    args: readonly unknown[],
    options: Calling = {},
  ): Promise<Result> {
    const { hub } = this.#handle(id);
    this.#settings.validate?.(method, args, "call", hub.name);
    return hub.calls.call(method, args, { ...options, owner: id });
  }

  /** A method whose first argument is the conversation's thread or the project. */
  async #ask<Result>(
    id: ConnectionId,
    method: string,
    args: readonly unknown[],
    options: Calling & { threadId?: string } = {},
  ): Promise<Result> {
    return this.#call(id, method, [this.#stream(id, options.threadId), ...args], options);
  }

  #changed(): void {
    this.#health = null;
    this.#emitter.emit("health", undefined);
  }
}
