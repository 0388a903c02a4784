/** Puts the page's parts together: one token, two connections, one store per side. */
import { Agent } from "./agent";
import { Connection } from "./connection";
import { readHash, writeHash } from "./hash";
import { Journal } from "./journal";
import { Project } from "./project";
import { connectSignalR } from "./signalr";
import { TokenSource } from "./token";

export interface Inspector {
  token: TokenSource;
  agent: Agent;
  project: Project;
  journal: Journal;
  /** Starts both connections; call once somebody is signed in. */
  run(): void;
}

export function createInspector(): Inspector {
  const now = () => Date.now();
  const random = () => Math.random();
  const token = new TokenSource({
    fetch: (input, init) => window.fetch(input, init),
    now,
    storage: window.localStorage,
    url: address("api/dev/token"),
  });
  const connect = (path: string) =>
    new Connection({
      ...connectSignalR(address(path), () => token.get()),
      token: () => token.get(),
      refused: () => token.forget(),
      now,
      random,
    });
  const journal = new Journal();
  const hash = readHash(window.location.hash);
  const agent = new Agent({
    connection: connect("hubs/agent"),
    journal,
    now,
    random,
    newId: () => `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    threadId: hash.thread,
    threadChanged: (thread) => writeHash({ thread }),
  });
  const project = new Project({
    connection: connect("hubs/project"),
    journal,
    now,
    random,
    projectId: hash.project ?? "demo",
    projectChanged: (id) => writeHash({ project: id }),
  });
  window.addEventListener("online", () => {
    agent.connection.retryNow();
    project.connection.retryNow();
  });
  window.addEventListener("hashchange", () => {
    const { thread, project: id } = readHash(window.location.hash);
    agent.open(thread);
    project.open(id ?? "demo");
  });
  return {
    token,
    agent,
    project,
    journal,
    run() {
      agent.connection.run();
      project.connection.run();
    },
  };
}

/** Beside the page, wherever the service is mounted. */
function address(path: string): string {
  return new URL(path, document.baseURI).href;
}
