// A plain @microsoft/signalr connection that notes what it is told about one thread, and resumes after a reconnect. It keeps its
// position as PROTOCOL.md says; what arrives is noted as it comes, so that a test sees a gap or a duplicate.
import * as signalR from "@microsoft/signalr";
import { token, until } from "./service.js";

const eventMethods = ["AgentStarted", "AgentThinking", "ToolExecuting", "ToolCompleted", "AgentCompleted", "StatusUpdate"];

export class Listener {
  events = [];
  told = [];
  reconnects = 0;
  closed = false;

  /** @param options transport, accessToken (a function), resume (false: no Subscribe after a reconnect), protocol */
  static async connect(service, thread, { transport = signalR.HttpTransportType.WebSockets, accessToken = () => token(), resume = true, position, protocol = new signalR.JsonHubProtocol() } = {}) {
    const listener = new Listener();
    listener.thread = thread;
    listener.connection = new signalR.HubConnectionBuilder()
      .withUrl(`${service.url}/hubs/agent`, { transport, accessTokenFactory: accessToken })
      .withHubProtocol(protocol)
      .configureLogging(signalR.LogLevel.None)
      .withAutomaticReconnect({ nextRetryDelayInMilliseconds: () => 50 })
      .build();
    for (const method of eventMethods) listener.connection.on(method, (e) => listener.take(e));
    for (const method of ["ServerDraining", "TokenExpiring", "HistoryLost", "Reset"]) listener.connection.on(method, (e) => listener.hear(e));
    listener.connection.onclose(() => (listener.closed = true));
    listener.connection.onreconnected(async () => {
      try {
        if (resume) listener.answer = await listener.subscribe(listener.position);
        listener.reconnects++;
      } catch {
        // Dropped again before the answer came: the next reconnect resumes.
      }
    });
    await listener.connection.start();
    listener.answer = await listener.subscribe(position);
    return listener;
  }

  subscribe(position) {
    return position === undefined ? this.connection.invoke("Subscribe", this.thread) : this.connection.invoke("Subscribe", this.thread, position);
  }

  /** Another epoch is fine as long as the seq is the next one; else the hub is asked from the position, and tells. */
  take(e) {
    const at = this.at;
    if (at && e.epoch !== at.epoch && e.seq !== at.seq + 1) {
      this.subscribe(this.position).catch(() => {});
      return;
    }
    this.at = { epoch: e.epoch, seq: e.seq };
    this.events.push(e);
  }

  hear({ type, payload }) {
    this.told.push(type);
    if (type === "history_lost") this.at = { epoch: this.at?.epoch ?? "", seq: payload.to };
    if (type === "reset") this.at = { epoch: payload.epoch, seq: payload.last_valid };
  }

  get position() {
    const at = this.at ?? this.answer;
    return `${at.epoch}:${at.seq}`;
  }

  get seqs() {
    return this.events.map((e) => e.seq);
  }

  /** The connection's WebSocket, of the ws package. */
  get socket() {
    return this.connection.connection.transport?._webSocket;
  }

  /**
   * Kills the socket under the connection, unless it is just being made anew: SignalR takes a connection for made that is cut
   * while it sends the ping that ends a start, and hears no more of it.
   */
  drop() {
    if (this.connection.state === signalR.HubConnectionState.Connected) this.socket?.terminate();
  }

  has(count) {
    return until(() => this.events.length >= count, `${count} events; there are ${this.events.length}`);
  }

  reconnected(times) {
    return until(() => {
      if (this.closed) throw new Error("The connection closed instead of reconnecting.");
      return this.reconnects >= times;
    }, `reconnected ${times} times`);
  }

  stop() {
    return this.connection.stop();
  }
}

export const oneTo = (n) => Array.from({ length: n }, (_, i) => i + 1);
