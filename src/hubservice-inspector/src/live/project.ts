/** The pipeline side of the page: the project that is open and what a person can do with it. */
import { greet, noPrelude, type Prelude } from "../core/prelude";
import { emptyProject, fillFromState, foldProject, markProjectLost, type ProjectView } from "../core/project";
import type { ProjectEvent } from "../wire/project";
import type { HubError, HubResult, ProjectState } from "../wire/results";
import type { HistoryLost, SessionEvent, StreamReset } from "../wire/session";
import type { Connection } from "./connection";
import { type Journal, noteSession } from "./journal";
import { createStore, type Schedule, type Store } from "./store";
import { Stream, type StreamView } from "./stream";

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
  #followed: Stream<ProjectEvent> | null = null;
  #events: ProjectEvent[] = [];
  #prelude: Prelude = noPrelude;

  constructor(parts: ProjectParts) {
    this.#parts = parts;
    this.connection = parts.connection;
    this.view = createStore<ProjectPanelView>({ projectId: parts.projectId, busy: null, error: null }, parts.schedule);
    this.pipeline = createStore(emptyProject, parts.schedule);
    this.stream = createStore<StreamView | null>(null, parts.schedule);
    parts.connection.on<ProjectEvent>("ProjectEvent", (event) => {
      parts.journal.add("project", event.event.name, event.type === "HELLO" ? null : event.seq, event, parts.now());
      if (event.project_id === this.view.get().projectId) {
        this.#followed?.receive(event);
      }
    });
    noteSession(parts.journal, parts.connection, parts.now);
    parts.connection.on<SessionEvent<HistoryLost>>("HistoryLost", (event) => this.#followed?.historyLost(event));
    parts.connection.on<SessionEvent<StreamReset>>("Reset", (event) => this.#followed?.reset(event));
    this.#follow(parts.projectId);
  }

  open(projectId: string): void {
    if (projectId && projectId !== this.view.get().projectId) {
      this.#followed?.close();
      this.#events = [];
      this.#prelude = noPrelude;
      this.pipeline.set(emptyProject);
      this.#change({ projectId, busy: null, error: null });
      this.#parts.projectChanged(projectId);
      this.#follow(projectId);
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

  #follow(projectId: string): void {
    const { connection, now, random, schedule } = this.#parts;
    const stream = new Stream<ProjectEvent>({
      kind: "project",
      id: projectId,
      connection,
      belongsToGreeting: (event, at) => {
        const step = greet(this.#prelude, at, event);
        this.#prelude = step.prelude;
        return step.belongs;
      },
      accept: (event) => {
        this.#events.push(event);
        this.pipeline.update((view) => foldProject(view, event));
      },
      lost: (from, to) => this.pipeline.update((view) => markProjectLost(view, from, to)),
      discardAbove: (seq) => {
        this.#events = this.#events.filter((event) => event.seq <= seq);
        this.pipeline.set(this.#events.reduce(foldProject, emptyProject));
      },
      subscribed: () => void this.#fill(projectId),
      now,
      random,
      ...(schedule ? { schedule } : {}),
    });
    this.#followed = stream;
    this.stream.set(stream.view.get());
    stream.view.subscribe(() => {
      if (this.#followed === stream) {
        this.stream.set(stream.view.get());
      }
    });
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
