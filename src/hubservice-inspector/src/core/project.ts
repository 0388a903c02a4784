/** Folds the events of a project into the view of it. Pure. */
import type { PendingConfirmation, ProjectEvent, StageState } from "hubservice-client";
import type { LogLine, ProjectView, Stage, StageStatus } from "./projectView";
import { foldWork } from "./work";

/** What `GetState` tells. */
export interface ProjectState {
  stages?: readonly StageState[];
  waiting_confirmation?: PendingConfirmation;
}

export function foldProject(view: ProjectView, event: ProjectEvent): ProjectView {
  const named = event.event;
  switch (named.name) {
    case "HELLO":
      return view;
    case "STAGE_STATUS": {
      const { stage_id, status, message } = named.payload;
      return stage_id && status ? setStage(view, stage_id, status as StageStatus, message ?? "") : view;
    }
    case "WAITING_CONFIRMATION": {
      const { stage_id, summary, next_actions } = named.payload;
      return {
        ...setStage(view, stage_id, "WAITING_CONFIRMATION", summary),
        waiting: { stageId: stage_id, summary, actions: next_actions ?? [] },
      };
    }
    default:
      return foldWork({ ...view, fresh: false }, event);
  }
}

/** Fills in what no event has told: the stages of a project whose early history is gone, or of an own pipeline. */
export function fillFromState(view: ProjectView, state: ProjectState): ProjectView {
  if (!state.stages?.length) {
    return view;
  }
  const stages = state.stages.map(({ id, status, message }): Stage => {
    const known = view.stages.find((stage) => stage.id === id && stage.told);
    return known ?? { id, status: status as StageStatus, message: message ?? "", told: false };
  });
  const pending = state.waiting_confirmation;
  const waiting =
    view.waiting ??
    (pending && !stages.some((stage) => stage.id === pending.stage_id && stage.told)
      ? { stageId: pending.stage_id, summary: pending.summary, actions: pending.next_actions }
      : null);
  return {
    ...view,
    stages,
    waiting,
    current: stages.some((s) => s.id === view.current) ? view.current : (state.stages[0]?.id ?? view.current),
  };
}

export function markProjectLost(view: ProjectView, from: number, to: number): ProjectView {
  const text = `${to - from + 1} older events are no longer kept (${from} to ${to}).`;
  const line: LogLine = { id: `lost-${from}-${to}`, at: 0, level: "warn", text, chat: false };
  return { ...view, fresh: false, log: [...view.log, line] };
}

function setStage(view: ProjectView, id: string, status: StageStatus, message: string): ProjectView {
  const index = view.stages.findIndex((stage) => stage.id === id);
  if (index < 0) {
    return { ...view, stages: [...view.stages, { id, status, message, told: true }], current: id, waiting: null };
  }
  const running = status === "IN_PROGRESS";
  const stages = view.stages.map((stage, i): Stage => {
    if (i === index) {
      return { ...stage, status, message: message || stage.message, told: true };
    }
    // A pipeline is linear: once a stage runs (again), what comes after it has yet to happen.
    return running && i > index && stage.status !== "PENDING"
      ? { ...stage, status: "PENDING", message: "", told: true }
      : stage;
  });
  const quiet = status === "IN_PROGRESS" && index === 0 && view.fresh;
  return { ...view, stages, current: id, waiting: null, fresh: view.fresh && (quiet || status === "PENDING") };
}
