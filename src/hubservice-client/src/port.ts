/** The one place that knows SignalR: a connection as the rest of the client sees it. */
import {
  HttpTransportType,
  HubConnectionBuilder,
  type IHttpConnectionOptions,
  type ILogger,
  JsonHubProtocol,
  LogLevel,
} from "@microsoft/signalr";

export type Transport = "WebSockets" | "ServerSentEvents" | "LongPolling";

/** One attempt at a connection; a new one is made for the next. SignalR's HubConnection is one. */
export interface HubPort {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  /** Called once, when a connection that was made has ended, also by `stop`. */
  onclose(handler: (error?: Error) => void): void;
  readonly connectionId: string | null;
}

export interface PortRequest {
  url: string;
  /** The present token; asked for with every request. */
  token: () => string;
  transport: "auto" | "websockets-only";
  WebSocket?: unknown;
  /** Every message of the hub: the client method's name and its first argument. Never throws. */
  received: (method: string, message: unknown) => void;
}

/** Makes a connection that is not started yet. */
export type OpenPort = (request: PortRequest) => HubPort;

/** `WebSocket` is an option of SignalR that its typings leave out. */
interface Options extends IHttpConnectionOptions {
  WebSocket?: unknown;
}

export const openSignalR: OpenPort = ({ url, token, transport, WebSocket, received }) => {
  const options: Options = { accessTokenFactory: token };
  if (transport !== "auto") {
    options.transport = HttpTransportType.WebSockets;
    options.skipNegotiation = true;
  }
  if (WebSocket) {
    options.WebSocket = WebSocket;
  }
  // Hears every method, also those of a later hub: SignalR drops those for whose names nobody has registered.
  const protocol = new (class extends JsonHubProtocol {
    override parseMessages(input: string, logger: ILogger) {
      const messages = super.parseMessages(input, logger);
      for (const message of messages) {
        if ("target" in message) {
          received(message.target, message.arguments[0]);
        }
      }
      return messages;
    }
  })();
  const builder = new HubConnectionBuilder().withUrl(url, options).withHubProtocol(protocol);
  return builder.configureLogging(LogLevel.None).build();
};

/** SignalR does not say which transport it took; each keeps another field. */
export function transportOf(port: HubPort | null): Transport | null {
  const taken = (port as { connection?: { transport?: object } } | null)?.connection?.transport;
  if (!taken) {
    return null;
  }
  return "_webSocket" in taken ? "WebSockets" : "_eventSource" in taken ? "ServerSentEvents" : "LongPolling";
}
