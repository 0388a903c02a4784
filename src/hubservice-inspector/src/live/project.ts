/** The pipeline side of the page: the project that is open and what a person can do with it. */
import { emptyProject, fillFromState, foldProject, markProjectLost, type ProjectView } from "../core/project";
import type { ProjectEvent } from "../wire/project";
import type { HubError, HubResult, ProjectState } from "../wire/results";
import type { Connection } from "./connection";
import { Followed } from "./followed";
import { type Journal, noteSession } from "./journal";
import { createStore, type Schedule, type Store } from "./store";
import type { StreamView } from "./stream";

export interface ProjectParts {
  connection: Connection;
  journal: Journal;
  now: () => number;
  random: () => number;
  projectId: string;
  projectChanged: (id: string) => void;
  schedule?: Schedule;
}

export interface ProjectPanelView {
  projectId: string;
  /** The command that waits for its answer. */
  busy: "confirm" | "restart" | "cancel" | "chat" | null;
  error: HubError | null;
}

export const firstPrompt = "Train a classifier that tells malignant from benign tumours";

export class Project {
  readonly view: Store<ProjectPanelView>;
  readonly pipeline: Store<ProjectView>;
  readonly stream: Store<StreamView | null>;
  readonly connection: Connection;
  readonly #parts: ProjectParts;
  readonly #followed: Followed<ProjectEvent, ProjectView>;

  constructor(parts: ProjectParts) {
    this.#parts = parts;
    this.connection = parts.connection;
    this.view = createStore<ProjectPanelView>({ projectId: parts.projectId, busy: null, error: null }, parts.schedule);
    this.#followed = new Followed({
      ...parts,
      kind: "project",
      empty: emptyProject,
      fold: foldProject,
      markLost: markProjectLost,
      // Also the stage and the confirmation that the hub repeats to a joiner: they come under this type.
      belongsToGreeting: (event) => event.type === "HELLO",
      subscribed: (projectId) => void this.#fill(projectId),
    });
    this.pipeline = this.#followed.view;
    this.stream = this.#followed.stream;
    parts.connection.on<ProjectEvent>("ProjectEvent", (event) => {
      parts.journal.add("project", event.event.name, event.type === "HELLO" ? null : event.seq, event, parts.now());
      if (event.project_id === this.view.get().projectId) {
        this.#followed.receive(event);
      }
    });
    noteSession(parts.journal, parts.connection, parts.now);
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
    return this.#command("chat", "Chat", text);
  }

  confirm(): Promise<boolean> {
    return this.#command("confirm", "Confirm", this.pipeline.get().current);
  }

  restart(stageId: string): Promise<boolean> {
    return this.#command("restart", "RestartStage", stageId);
  }

  cancelRun(): Promise<boolean> {
    return this.#command("cancel", "CancelRun", this.pipeline.get().training.runId);
  }

  dismissError(): void {
    this.#change({ error: null });
  }

  async #command(busy: NonNullable<ProjectPanelView["busy"]>, method: string, ...args: unknown[]): Promise<boolean> {
    if (this.view.get().busy) {
      return false;
    }
    this.#change({ busy, error: null });
    const answer = await this.connection.invoke<HubResult>(method, this.view.get().projectId, ...args);
    this.#change({ busy: null, error: answer.error ?? null });
    return !answer.error;
  }

  async #fill(projectId: string): Promise<void> {
    const state = await this.connection.invoke<ProjectState>("GetState", projectId);
    if (!state.error && projectId === this.view.get().projectId) {
      this.pipeline.update((view) => fillFromState(view, state));
    }
  }

  #change(part: Partial<ProjectPanelView>): void {
    this.view.update((view) => ({ ...view, ...part }));
  }
}
