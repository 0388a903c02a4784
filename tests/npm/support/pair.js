// Two connections of one user to one hub, one with the JSON protocol and one with MessagePack, that note every call of the hub.
import assert from "node:assert/strict";
import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { token, until } from "./service.js";

const methods = {
  agent: ["AgentStarted", "AgentThinking", "ToolExecuting", "ToolCompleted", "AgentCompleted", "StatusUpdate", "Custom", "ThreadCreated", "UserMessage", "MessageReceived", "RunRequested", "HistoryLost", "Reset"],
  project: ["ProjectEvent", "StageRequested", "CommandReceived", "CancelRequested", "ChatReceived", "HistoryLost", "Reset"],
};

export class Pair {
  static build(service, hub, options, protocol = new signalR.JsonHubProtocol()) {
    return new signalR.HubConnectionBuilder()
      .withUrl(`${service.url}/hubs/${hub}`, { transport: signalR.HttpTransportType.WebSockets, accessTokenFactory: () => token(), ...options })
      .withHubProtocol(protocol)
      .configureLogging(signalR.LogLevel.None)
      .build();
  }

  static async connect(service, hub, options) {
    const pair = new Pair();
    pair.json = Pair.build(service, hub, options);
    pair.packed = Pair.build(service, hub, options, new MessagePackHubProtocol());
    pair.connections = [pair.json, pair.packed];
    pair.heard = [[], []];
    for (const [i, connection] of pair.connections.entries()) {
      for (const method of methods[hub]) connection.on(method, (...args) => pair.heard[i].push([method, ...args]));
      await connection.start();
    }
    return pair;
  }

  /** Both answers; a rejection counts as one. */
  async invoke(...call) {
    const answers = [];
    for (const connection of this.connections) answers.push(await connection.invoke(...call).catch((e) => ({ rejected: e.message })));
    return answers;
  }

  /** As invoke; the answers must be equal, but for the trace of an error. */
  async same(...call) {
    const [json, packed] = (await this.invoke(...call)).map(untraced);
    assert.deepStrictEqual(packed, json, `${call[0]}: ${JSON.stringify(packed)} instead of ${JSON.stringify(json)}`.slice(0, 1000));
    return [json, packed];
  }

  /** As invoke, for answers with ids and times of their own: what is in them must be of the same names and types. */
  async alike(...call) {
    const answers = await this.invoke(...call);
    const [json, packed] = answers.map(Pair.shape);
    assert.deepStrictEqual(packed, json, call[0]);
    assert.equal(answers[0].rejected ?? answers[0].error, undefined, call[0]);
    return answers;
  }

  /** What each has heard, once it is as many. */
  async calls(count, select = (calls) => calls) {
    await until(() => this.heard.every((calls) => select(calls).length >= count), `${count} calls`);
    return this.heard.map(select);
  }

  /** The names and types of a value. */
  static shape(value) {
    if (Array.isArray(value)) return value.map(Pair.shape);
    if (value !== null && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, Pair.shape(v)]));
    return typeof value;
  }

  stop() {
    return Promise.all(this.connections.map((c) => c.stop()));
  }
}

const untraced = (answer) => JSON.parse(JSON.stringify(answer), (key, value) => (key === "trace_id" ? "a trace" : value));
