/** The real connection: SignalR over a WebSocket whose handle is kept, so that it can be cut. */
import { HttpTransportType, HubConnectionBuilder, type IHttpConnectionOptions, LogLevel } from "@microsoft/signalr";
import type { HubPort } from "./connection";

export interface SignalR {
  port: HubPort;
  dropSocket: () => void;
}

/** `WebSocket` is an option of SignalR that its typings leave out. */
interface SocketOptions extends IHttpConnectionOptions {
  WebSocket: typeof WebSocket;
}

export function connectSignalR(url: string, token: () => Promise<string | null>): SignalR {
  let socket: WebSocket | null = null;
  class HeldSocket extends WebSocket {
    constructor(address: string | URL, protocols?: string | string[]) {
      super(address, protocols);
      socket = this;
    }
  }
  const options: SocketOptions = {
    transport: HttpTransportType.WebSockets,
    skipNegotiation: true,
    accessTokenFactory: async () => (await token()) ?? "",
    WebSocket: HeldSocket,
  };
  const hub = new HubConnectionBuilder().withUrl(url, options).configureLogging(LogLevel.None).build();
  hub.serverTimeoutInMilliseconds = 30_000;
  hub.keepAliveIntervalInMilliseconds = 15_000;
  return { port: hub, dropSocket: () => socket?.close(4000, "dropped by hand") };
}
