/** The work behind a project's dashboard: its state first, then every event after it. */
import type { HubClient } from "../client.ts";
import type { PendingConfirmation, ProjectEvent, StageState } from "../contracts.ts";
import type { SessionToken } from "../token.ts";
import type { ProjectConnectionId } from "../types.ts";
import { Live, type LiveView } from "./live.ts";
import { Pipeline } from "./pipeline.ts";
import type { Source } from "./snapshot.ts";

export interface ProjectOptions {
  sessionToken?: SessionToken;
  /** `start` (default): the project's events from the first that is kept; `now`: from now on, on top of its present state. */
  from?: "start" | "now";
  onEvent?: (event: ProjectEvent) => void;
}

export interface ProjectView extends LiveView {
  readonly stages: readonly StageState[];
  readonly current: StageState | null;
  /** The confirmation that the pipeline waits for. */
  readonly waiting: PendingConfirmation | null;
  /** Share of the stages that are completed or skipped, 0 to 100. */
  readonly percent: number;
  readonly done: boolean;
  readonly events: readonly ProjectEvent[];
  /** A command waits for its answer. */
  readonly busy: boolean;
}

export class Project implements Source<ProjectView> {
  readonly initial: ProjectView;
  onEvent: ((event: ProjectEvent) => void) | undefined;
  readonly #live: Live<ProjectConnectionId>;
  readonly #projectId: string | null;
  readonly #options: ProjectOptions;
  readonly #pipeline = new Pipeline();
  #commands = 0;

  constructor(client: HubClient, projectId: string | null, options: ProjectOptions) {
    this.#live = new Live(client);
    this.#projectId = projectId;
    this.#options = options;
    this.initial = this.read();
  }

  read(): ProjectView {
    const { stages, current, waiting } = this.#pipeline;
    const finished = stages.filter(({ status }) => status === "COMPLETED" || status === "SKIPPED").length;
    return {
      ...this.#live.view,
      stages,
      current: stages.find((stage) => stage.id === current) ?? null,
      waiting,
      percent: stages.length === 0 ? 0 : Math.round((100 * finished) / stages.length),
      done: stages.length > 0 && finished === stages.length,
      events: this.#pipeline.events(),
      busy: this.#commands > 0,
    };
  }

  start(changed: () => void): () => void {
    const projectId = this.#projectId;
    if (projectId === null) {
      return () => {};
    }
    const { sessionToken, from = "start" } = this.#options;
    const load = () => void this.#load();
    return this.#live.start(changed, {
      from,
      open: () => this.#live.client.open(`project:${projectId}`, sessionToken),
      event: (event) => {
        this.#pipeline.take(event);
        this.onEvent?.(event);
      },
      // What came before is told by the state alone.
      onLost: load,
      reset: (lastValid) => {
        this.#pipeline.reset(lastValid);
        load();
      },
      // Each (re)connection: the stages of an own pipeline, and what happened before the first event that is kept.
      connected: load,
    });
  }

  /** Confirms the stage that is shown. */
  confirm(stageId = this.#pipeline.waiting?.stage_id ?? this.#pipeline.current ?? undefined): Promise<boolean> {
    return this.#command((id) => this.#live.client.confirm(id, stageId));
  }

  restart(stageId: string): Promise<boolean> {
    return this.#command((id) => this.#live.client.restartStage(id, stageId));
  }

  cancelRun(runId: string): Promise<boolean> {
    return this.#command((id) => this.#live.client.cancelRun(id, runId));
  }

  chat(text: string): Promise<boolean> {
    return this.#command((id) => this.#live.client.chat(id, text));
  }

  clearError(): void {
    this.#live.clearError();
  }

  async #command(call: (id: ProjectConnectionId) => Promise<unknown>): Promise<boolean> {
    const { id } = this.#live;
    if (!id) {
      return false;
    }
    this.#commands++;
    this.#live.changed();
    const answer = await this.#live.told(call(id).then(() => true));
    this.#commands--;
    this.#live.changed();
    return answer ?? false;
  }

  async #load(): Promise<void> {
    const { id, client } = this.#live;
    const state = id && (await this.#live.told(client.getState(id)));
    if (state && this.#live.id === id) {
      this.#pipeline.load(state);
      this.#live.changed();
    }
  }
}
