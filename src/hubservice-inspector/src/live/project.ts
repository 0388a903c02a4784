/** The pipeline side of the page: the project that is open and what a person can do with it. */
import type { HubErrorJson, ProjectConnectionId } from "hubservice-client";
import { fillFromState, foldProject, markProjectLost } from "../core/project";
import { emptyProject, type ProjectView } from "../core/projectView";
import type { Connection } from "./connection";
import { Followed, type StreamView } from "./followed";
import { createStore, type Schedule, type Store } from "./store";

export interface ProjectParts {
  connection: Connection<ProjectConnectionId>;
  now: () => number;
  projectId: string;
  projectChanged: (id: string) => void;
  schedule?: Schedule;
}

export interface ProjectPanelView {
  projectId: string;
  /** The command that waits for its answer. */
  busy: "confirm" | "restart" | "cancel" | "chat" | null;
  error: HubErrorJson | null;
}

export const firstPrompt = "Train a classifier that tells malignant from benign tumours";

export class Project {
  readonly view: Store<ProjectPanelView>;
  readonly pipeline: Store<ProjectView>;
  readonly stream: Store<StreamView | null>;
  readonly connection: Connection<ProjectConnectionId>;
  readonly #parts: ProjectParts;
  readonly #followed: Followed<ProjectConnectionId, ProjectView>;

  constructor(parts: ProjectParts) {
    this.#parts = parts;
    this.connection = parts.connection;
    this.view = createStore<ProjectPanelView>({ projectId: parts.projectId, busy: null, error: null }, parts.schedule);
    this.#followed = new Followed({
      ...parts,
      empty: emptyProject,
      fold: foldProject,
      markLost: markProjectLost,
      // The stage and the confirmation that the hub repeats to a joiner.
      greet: foldProject,
      subscribed: (projectId) => void this.#fill(projectId),
    });
    this.pipeline = this.#followed.view;
    this.stream = this.#followed.stream;
    this.#followed.open(parts.projectId);
  }

  open(projectId: string): void {
    if (projectId && projectId !== this.view.get().projectId) {
      this.#change({ projectId, busy: null, error: null });
      this.#parts.projectChanged(projectId);
      this.#followed.open(projectId);
    }
  }

  startPipeline(): Promise<boolean> {
    return this.chat(firstPrompt);
  }

  chat(text: string): Promise<boolean> {
    return this.#command("chat", (id, project) => this.#client.call(id, "Chat", [project, text]));
  }

  confirm(): Promise<boolean> {
    const { current } = this.pipeline.get();
    return this.#command("confirm", (id, project) => this.#client.call(id, "Confirm", [project, current]));
  }

  restart(stageId: string): Promise<boolean> {
    return this.#command("restart", (id, project) => this.#client.call(id, "RestartStage", [project, stageId]));
  }

  cancelRun(): Promise<boolean> {
    const { runId } = this.pipeline.get().training;
    return this.#command("cancel", (id, project) => this.#client.call(id, "CancelRun", [project, runId]));
  }

  dismissError(): void {
    this.#change({ error: null });
  }

  get #client() {
    return this.connection.client;
  }

  async #command(
    busy: NonNullable<ProjectPanelView["busy"]>,
    call: (id: ProjectConnectionId, projectId: string) => Promise<object>,
  ): Promise<boolean> {
    if (this.view.get().busy) {
      return false;
    }
    this.#change({ busy, error: null });
    const answer = await this.connection.answer((id) => call(id, this.view.get().projectId));
    this.#change({ busy: null, error: answer.error ?? null });
    return !answer.error;
  }

  async #fill(projectId: string): Promise<void> {
    const state = await this.connection.answer((id) => this.#client.call(id, "GetState", [projectId]));
    if (!state.error && projectId === this.view.get().projectId) {
      this.pipeline.update((view) => fillFromState(view, state));
    }
  }

  #change(part: Partial<ProjectPanelView>): void {
    this.view.update((view) => ({ ...view, ...part }));
  }
}
