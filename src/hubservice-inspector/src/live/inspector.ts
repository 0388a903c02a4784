/** Puts the page's parts together: one token, two connections, one store per side. */
import type { HubClient } from "hubservice-client";
import { Agent } from "./agent";
import { createClient } from "./client";
import { Connection } from "./connection";
import { readHash, writeHash } from "./hash";
import { Journal } from "./journal";
import { Project } from "./project";
import { TokenSource } from "./token";

export interface Inspector {
  token: TokenSource;
  client: HubClient;
  agent: Agent;
  project: Project;
  journal: Journal;
  /** Starts both connections; call once somebody is signed in. */
  run(): void;
}

export function createInspector(): Inspector {
  const now = () => Date.now();
  const token = new TokenSource({
    fetch: (input, init) => window.fetch(input, init),
    now,
    storage: window.localStorage,
    url: address("api/dev/token"),
  });
  const page = createClient(address("."), token);
  const { client } = page;
  const journal = new Journal();
  journal.listen(client, now);
  const hash = readHash(window.location.hash);
  const agent = new Agent({
    connection: new Connection({ page, hub: "agent", open: () => client.open("guide") }),
    now,
    newId: () => `msg_${crypto.randomUUID().replaceAll("-", "")}`,
    threadId: hash.thread,
    threadChanged: (thread) => writeHash({ thread }),
  });
  const projectId = hash.project ?? "demo";
  const project = new Project({
    connection: new Connection({ page, hub: "project", open: () => client.open(`project:${projectId}`) }),
    now,
    projectId,
    projectChanged: (id) => writeHash({ project: id }),
  });
  window.addEventListener("hashchange", () => {
    const { thread, project: id } = readHash(window.location.hash);
    agent.open(thread);
    project.open(id ?? "demo");
  });
  return {
    token,
    client,
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
