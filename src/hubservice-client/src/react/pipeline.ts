/** A project as a dashboard shows it, kept up to date event by event. Knows neither React nor a connection. */
import { defaultStages, type PendingConfirmation, type ProjectEvent, type StageState } from "../contracts.ts";

/** What `GetState` tells. */
export interface ProjectSnapshot {
  readonly stages: readonly StageState[];
  readonly current_stage?: StageState;
  readonly waiting_confirmation?: PendingConfirmation;
}

export class Pipeline {
  stages: readonly StageState[] = defaultStages.map((id, index) => ({ id, index, status: "PENDING", message: "" }));
  current: string | null = null;
  waiting: PendingConfirmation | null = null;
  #events: ProjectEvent[] = [];
  readonly #maxEvents: number;

  constructor(maxEvents = 10_000) {
    this.#maxEvents = maxEvents;
  }

  events(): readonly ProjectEvent[] {
    return [...this.#events];
  }

  /** The whole state at once. */
  load({ stages, current_stage, waiting_confirmation }: ProjectSnapshot): void {
    this.stages = stages;
    this.current = current_stage?.id ?? null;
    this.waiting = waiting_confirmation ?? null;
  }

  take(event: ProjectEvent): void {
    this.#events.push(event);
    if (this.#events.length > this.#maxEvents) {
      this.#events.splice(0, this.#events.length - this.#maxEvents);
    }
    this.greet(event);
  }

  /** The same without keeping it: a greeting repeats what is known. */
  greet({ event, stage }: ProjectEvent): void {
    this.current = stage?.id ?? this.current;
    if (event.name === "STAGE_STATUS") {
      const { stage_id, status, message } = event.payload;
      if (stage_id && status) {
        this.#set(stage_id, status as StageState["status"], message ?? "");
        this.waiting = this.waiting?.stage_id === stage_id && status !== "WAITING_CONFIRMATION" ? null : this.waiting;
      }
    } else if (event.name === "WAITING_CONFIRMATION") {
      const { stage_id, summary, next_actions } = event.payload;
      this.#set(stage_id, "WAITING_CONFIRMATION", summary);
      this.waiting = { stage_id, summary, next_actions };
    }
  }

  /** Nothing above this seq happened; the state has to be loaded anew. */
  reset(lastValid: number): void {
    this.#events = this.#events.filter((event) => event.seq <= lastValid);
  }

  #set(id: string, status: StageState["status"], message: string): void {
    const known = this.stages.find((stage) => stage.id === id);
    const next = { id, index: known?.index ?? this.stages.length, status, message };
    this.stages = known ? this.stages.map((stage) => (stage === known ? next : stage)) : [...this.stages, next];
  }
}
