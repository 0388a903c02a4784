/** A pipeline as the page shows it. */
import {
  type Artifact,
  defaultStages,
  type LeaderboardRow,
  type ProjectEvent,
  type StageState,
} from "hubservice-client";
import { noSeries, type SeriesMap } from "./series";
import { titleCase } from "./words";

export type StageStatus = StageState["status"];

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

export const idle: Training = {
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

export function note(
  view: ProjectView,
  event: ProjectEvent,
  text: string,
  level: LogLine["level"] = "info",
): ProjectView {
  return addLine(view, { id: event.event_id, at: event.ts, level, text, chat: false });
}

export function addLine(view: ProjectView, line: LogLine): ProjectView {
  return { ...view, log: [...view.log.slice(-logLimit + 1), line] };
}

export function addAsset(view: ProjectView, name: string, url: string | null | undefined): ProjectView {
  return url ? addArtifact(view, { id: url, type: "asset", name, url }) : view;
}

export function addArtifact(view: ProjectView, artifact: Artifact): ProjectView {
  const named = { ...artifact, name: artifact.name || titleCase(artifact.type ?? "artefact") };
  return { ...view, artifacts: [...view.artifacts.filter((other) => other.url !== named.url), named] };
}
