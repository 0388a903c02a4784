/** A pipeline as the page shows it, folded from the events of its project. Pure. */
import {
  type Artifact,
  defaultStages,
  type LeaderboardRow,
  type PendingConfirmation,
  type ProjectEvent,
  type StageState,
} from "hubservice-client";
import { addPoint, noSeries, type SeriesMap } from "./series";
import { share, titleCase } from "./words";

export type StageStatus = StageState["status"];

/** What `GetState` tells. */
export interface ProjectState {
  stages?: readonly StageState[];
  waiting_confirmation?: PendingConfirmation;
}

export interface Stage {
  id: string;
  status: StageStatus;
  message: string;
  /** False while only the default is known. */
  told: boolean;
}

export interface LogLine {
  id: string;
  at: number;
  level: "info" | "warn" | "error";
  text: string;
  chat: boolean;
}

export type TrainingStatus = "idle" | "running" | "success" | "failed" | "cancelled";

export interface Training {
  runId: string | null;
  modelId: string | null;
  metric: string | null;
  status: TrainingStatus;
  /** 0 to 1. */
  progress: number;
  epoch: number | null;
  epochs: number | null;
  etaS: number | null;
  phase: string | null;
}

export interface ProjectView {
  stages: readonly Stage[];
  current: string;
  waiting: { stageId: string; summary: string; actions: readonly string[] } | null;
  /** True until something happened beyond the greeting. */
  fresh: boolean;
  training: Training;
  series: SeriesMap;
  dataset: string | null;
  sample: { rows: number; columns: number } | null;
  profile: {
    rows: number;
    columns: number;
    missing: number | null;
    types: Readonly<Record<string, number>>;
    warnings: readonly string[];
  } | null;
  split: { train: number; val: number; test: number; stratified: boolean } | null;
  models: readonly { id: string; name: string; why: string }[];
  best: { model: string; metric: number | null } | null;
  leaderboard: readonly LeaderboardRow[];
  confusion: { matrix: readonly (readonly number[])[]; labels: readonly string[] } | null;
  roc: { fpr: readonly number[]; tpr: readonly number[]; auc: number | null } | null;
  importance: readonly { feature: string; importance: number }[];
  metrics: Readonly<Record<string, number>>;
  artifacts: readonly Artifact[];
  exported: { url: string; contents: readonly string[]; checksum: string | null } | null;
  exporting: { share: number; message: string } | null;
  log: readonly LogLine[];
}

const idle: Training = {
  runId: null,
  modelId: null,
  metric: null,
  status: "idle",
  progress: 0,
  epoch: null,
  epochs: null,
  etaS: null,
  phase: null,
};

const logLimit = 500;

export const emptyProject: ProjectView = {
  stages: defaultStages.map((id, index) => ({
    id,
    status: index === 0 ? "IN_PROGRESS" : "PENDING",
    message: "",
    told: false,
  })),
  current: defaultStages[0] ?? "",
  waiting: null,
  fresh: true,
  training: idle,
  series: noSeries,
  dataset: null,
  sample: null,
  profile: null,
  split: null,
  models: [],
  best: null,
  leaderboard: [],
  confusion: null,
  roc: null,
  importance: [],
  metrics: {},
  artifacts: [],
  exported: null,
  exporting: null,
  log: [],
};

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

function foldWork(view: ProjectView, event: ProjectEvent): ProjectView {
  const named = event.event;
  switch (named.name) {
    case "PROMPT_PARSED":
      return note(view, event, `Understood as ${named.payload.task_type}${of(named.payload.target)}.`);
    case "DATASET_CANDIDATES":
      return note(view, event, `${named.payload.datasets?.length ?? 0} data sets found.`);
    case "DATASET_SELECTED":
      return note(
        { ...view, dataset: named.payload.dataset_id },
        event,
        `Data set ${named.payload.dataset_id} chosen.`,
      );
    case "DATASET_SAMPLE_READY":
      return { ...view, sample: { rows: named.payload.n_rows, columns: named.payload.columns?.length ?? 0 } };
    case "PROFILE_SUMMARY": {
      const { n_rows, n_cols, missing_pct, types_breakdown, warnings } = named.payload;
      if (typeof n_rows !== "number") {
        return view;
      }
      return {
        ...view,
        profile: {
          rows: n_rows,
          columns: n_cols ?? 0,
          missing: missing_pct ?? null,
          types: types_breakdown ?? {},
          warnings: warnings ?? [],
        },
      };
    }
    case "SPLIT_SUMMARY": {
      const { train_rows, val_rows, test_rows, stratified } = named.payload;
      return { ...view, split: { train: train_rows, val: val_rows, test: test_rows, stratified: stratified ?? false } };
    }
    case "MODEL_CANDIDATES":
      return {
        ...view,
        models: (named.payload.models ?? []).map((model) => ({ id: model.id, name: model.name, why: model.why ?? "" })),
      };
    case "MODEL_SELECTED":
      return note(view, event, `Model ${named.payload.model_id} chosen.`);
    case "TRAIN_RUN_STARTED":
      return {
        ...note(view, event, `Training of ${named.payload.model_id} started.`),
        training: {
          ...idle,
          runId: named.payload.run_id,
          modelId: named.payload.model_id,
          metric: named.payload.metric_primary ?? null,
          status: "running",
        },
        series: noSeries,
        confusion: null,
        roc: null,
        importance: [],
        metrics: {},
      };
    case "TRAIN_PROGRESS":
      return { ...view, training: progressed(view.training, named.payload) };
    case "METRIC_SCALAR": {
      const { name, split, step, value } = named.payload;
      return { ...view, series: addPoint(view.series, name, split, step, value) };
    }
    case "TRAIN_RUN_FINISHED": {
      const { status, final_metrics } = named.payload;
      const ended = {
        ...view.training,
        status,
        etaS: null,
        progress: status === "success" ? 1 : view.training.progress,
      };
      return note(
        { ...view, training: ended, metrics: { ...view.metrics, ...numbers(final_metrics ?? {}) } },
        event,
        `Training ${status === "success" ? "finished" : status}.`,
        status === "success" ? "info" : "warn",
      );
    }
    case "CLASSIFICATION_METRICS_READY":
    case "REGRESSION_METRICS_READY":
    case "EVALUATION_METRICS_READY":
      return { ...view, metrics: { ...view.metrics, ...numbers({ ...named.payload }) } };
    case "EVALUATION_COMPLETE":
      return { ...view, metrics: { ...view.metrics, ...numbers(named.payload.all_metrics ?? {}) } };
    case "LEADERBOARD_UPDATED":
      return { ...view, leaderboard: named.payload.rows ?? [] };
    case "BEST_MODEL_UPDATED": {
      const { model_id, metric } = named.payload;
      return {
        ...view,
        best: { model: model_id, metric: typeof metric === "number" ? metric : (metric?.value ?? null) },
      };
    }
    case "CONFUSION_MATRIX_READY": {
      const { matrix, labels, asset_url } = named.payload;
      return matrix
        ? { ...view, confusion: { matrix, labels: (labels ?? matrix.map((_, i) => i)).map(String) } }
        : addAsset(view, "Confusion matrix", asset_url);
    }
    case "ROC_CURVE_READY": {
      const { fpr, tpr, auc, asset_url } = named.payload;
      return fpr && tpr ? { ...view, roc: { fpr, tpr, auc: auc ?? null } } : addAsset(view, "ROC curve", asset_url);
    }
    case "FEATURE_IMPORTANCE_READY": {
      const { features, asset_url } = named.payload;
      return features
        ? { ...view, importance: features.toSorted((a, b) => b.importance - a.importance) }
        : addAsset(view, "Feature importance", asset_url);
    }
    case "ARTIFACT_ADDED":
      return named.payload.artifact ? addArtifact(view, named.payload.artifact) : view;
    case "REPORT_READY":
      return addAsset(view, "Report", named.payload.asset_url);
    case "NOTEBOOK_READY":
      return addAsset(view, "Notebook", named.payload.asset_url);
    case "EXPORT_PROGRESS":
      return { ...view, exporting: { share: share(named.payload.pct), message: named.payload.message ?? "" } };
    case "EXPORT_READY": {
      const { asset_url, contents, checksum } = named.payload;
      return {
        ...note(view, event, "The export is ready."),
        exporting: null,
        exported: { url: asset_url, contents: contents ?? [], checksum: checksum ?? null },
      };
    }
    case "LOG_LINE": {
      const level = named.payload.level?.toLowerCase();
      return addLine(view, {
        id: event.event_id,
        at: event.ts,
        level: level === "error" ? "error" : level?.startsWith("warn") ? "warn" : "info",
        text: named.payload.text,
        chat: named.payload.source === "chat" || named.payload.run_id === "chat",
      });
    }
    default:
      return view;
  }
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

function progressed(
  training: Training,
  payload: Extract<ProjectEvent["event"], { name: "TRAIN_PROGRESS" }>["payload"],
) {
  const { epoch, epochs, step, steps, eta_s, phase, progress } = payload;
  const done = steps ? (step ?? 0) / steps : epochs ? (epoch ?? 0) / epochs : undefined;
  const told = done ?? (typeof progress === "number" ? share(progress) : training.progress);
  return {
    ...training,
    runId: payload.run_id ?? training.runId,
    progress: Math.min(1, Math.max(0, told)),
    epoch: epoch ?? training.epoch,
    epochs: epochs ?? training.epochs,
    etaS: eta_s ?? null,
    phase: phase ?? payload.message ?? training.phase,
  };
}

function of(target: string | null | undefined): string {
  return target ? ` of ${target}` : "";
}

function note(view: ProjectView, event: ProjectEvent, text: string, level: LogLine["level"] = "info"): ProjectView {
  return addLine(view, { id: event.event_id, at: event.ts, level, text, chat: false });
}

function addLine(view: ProjectView, line: LogLine): ProjectView {
  return { ...view, log: [...view.log.slice(-logLimit + 1), line] };
}

function addAsset(view: ProjectView, name: string, url: string | null | undefined): ProjectView {
  return url ? addArtifact(view, { id: url, type: "asset", name, url }) : view;
}

function addArtifact(view: ProjectView, artifact: Artifact): ProjectView {
  const named = { ...artifact, name: artifact.name || titleCase(artifact.type ?? "artefact") };
  return { ...view, artifacts: [...view.artifacts.filter((other) => other.url !== named.url), named] };
}

/** The numbers among the fields; a metric may also come as `{name, value}`. */
function numbers(fields: Record<string, unknown>): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number" && Number.isFinite(value) && name !== "n_classes") {
      found[name] = value;
    }
    if (name === "primary" && isMetric(value)) {
      found[value.name] = value.value;
    }
    if (name === "metrics" && Array.isArray(value)) {
      for (const metric of value.filter(isMetric)) {
        found[metric.name] = metric.value;
      }
    }
  }
  return found;
}

function isMetric(value: unknown): value is { name: string; value: number } {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "value" in value &&
    typeof value.value === "number"
  );
}
