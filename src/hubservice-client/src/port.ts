/** The one place that knows SignalR: a connection as the rest of the client sees it. */
import { HttpTransportType, HubConnectionBuilder, type IHttpConnectionOptions, LogLevel } from "@microsoft/signalr";

export type Transport = "WebSockets" | "ServerSentEvents" | "LongPolling";

/** One attempt at a connection; a new one is made for the next. */
export interface HubPort {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  on(method: string, handler: (message: unknown) => void): void;
  /** Called once, when a connection that was made has ended, also by `stop`. */
  onclose(handler: (error?: Error) => void): void;
  readonly connectionId: string | null;
  readonly transport: Transport | null;
}

export interface PortRequest {
  url: string;
  /** The present token; asked for with every request. */
  token: () => string;
  transport: "auto" | "websockets-only";
  WebSocket?: unknown;
}

/** Makes a connection that is not started yet. */
export type OpenPort = (request: PortRequest) => HubPort;

/** `WebSocket` is an option of SignalR that its typings leave out. */
interface Options extends IHttpConnectionOptions {
  WebSocket?: unknown;
}

export const openSignalR: OpenPort = (request) => {
  const direct = request.transport === "websockets-only";
  const options: Options = {
    accessTokenFactory: request.token,
    ...(direct && { transport: HttpTransportType.WebSockets, skipNegotiation: true }),
    ...(request.WebSocket !== undefined && { WebSocket: request.WebSocket }),
  };
  const hub = new HubConnectionBuilder().withUrl(request.url, options).configureLogging(LogLevel.None).build();
  hub.serverTimeoutInMilliseconds = 30_000;
  hub.keepAliveIntervalInMilliseconds = 15_000;
  return {
    start: () => hub.start(),
    stop: () => hub.stop(),
    invoke: (method, ...args) => hub.invoke(method, ...args),
    on: (method, handler) => hub.on(method, handler),
    onclose: (handler) => hub.onclose(handler),
    get connectionId() {
      return hub.connectionId;
    },
    get transport() {
      return transportOf(hub);
    },
  };
};

/** SignalR does not say which transport it took; each keeps another field. */
function transportOf(hub: object): Transport | null {
  const taken = (hub as { connection?: { transport?: object } }).connection?.transport;
  if (!taken) {
    return null;
  }
  return "_webSocket" in taken ? "WebSockets" : "_eventSource" in taken ? "ServerSentEvents" : "LongPolling";
}
