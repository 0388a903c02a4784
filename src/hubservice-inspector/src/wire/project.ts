/** Events on a project stream; `switch (event.name)` narrows the payload. Pipelines may send more names than these. */

export type StageStatus = "PENDING" | "IN_PROGRESS" | "WAITING_CONFIRMATION" | "COMPLETED" | "FAILED" | "SKIPPED";

export const defaultStages: readonly string[] = [
  "PARSE_INTENT",
  "DATA_SOURCE",
  "PROFILE_DATA",
  "PREPROCESS",
  "MODEL_SELECT",
  "TRAIN",
  "REVIEW_EDIT",
  "EXPORT",
];

export interface NamedMetric {
  name: string;
  split?: string;
  value: number;
}

export interface Artifact {
  id?: string;
  type?: string;
  name: string;
  url: string;
}

export interface LeaderboardRow {
  model: string;
  params?: Record<string, unknown>;
  metric: number;
  runtime_s?: number;
}

interface AssetReady {
  asset_url: string;
}

interface ProjectPayloads {
  HELLO: { message?: string; project_id?: string; server_time?: string };
  STAGE_STATUS: { stage_id?: string; status?: StageStatus; message?: string | null };
  WAITING_CONFIRMATION: { stage_id: string; summary: string; next_actions?: string[] };
  PROMPT_PARSED: { task_type: string; target?: string | null; dataset_hint?: string | null };
  DATASET_CANDIDATES: { datasets: { id: string; name: string; source?: string; desc?: string }[] };
  DATASET_SELECTED: { dataset_id: string };
  DATASET_SAMPLE_READY: { asset_url?: string; columns: string[]; n_rows: number };
  MODEL_CANDIDATES: { models: { id: string; name: string; family?: string; why?: string }[] };
  MODEL_SELECTED: { model_id: string };
  PROFILE_PROGRESS: { phase: string; pct: number };
  PROFILE_SUMMARY: {
    n_rows: number;
    n_cols: number;
    missing_pct?: number;
    types_breakdown?: Record<string, number>;
    warnings?: string[];
  };
  SPLIT_SUMMARY: { train_rows: number; val_rows: number; test_rows: number; stratified?: boolean; seed?: number };
  PREPROCESS_PLAN: { steps: Record<string, unknown>[] };
  TRAIN_RUN_STARTED: { run_id: string; model_id: string; metric_primary?: string };
  TRAIN_PROGRESS: {
    run_id?: string;
    epoch?: number;
    epochs?: number;
    step?: number;
    steps?: number;
    eta_s?: number | null;
    phase?: string;
    progress?: number;
    message?: string;
  };
  METRIC_SCALAR: { run_id: string; name: string; split: string; step: number; value: number };
  LEADERBOARD_UPDATED: { rows: LeaderboardRow[] };
  BEST_MODEL_UPDATED: { run_id: string; model_id: string; metric: number | NamedMetric };
  CONFUSION_MATRIX_READY: { matrix?: number[][]; labels?: string[] | null; asset_url?: string | null };
  ROC_CURVE_READY: { fpr?: number[]; tpr?: number[]; auc?: number | null; asset_url?: string | null };
  FEATURE_IMPORTANCE_READY: { features?: { feature: string; importance: number }[]; asset_url?: string | null };
  RESOURCE_STATS: { cpu_pct?: number; ram_mb?: number; step_per_sec?: number | null };
  LOG_LINE: { run_id?: string; level?: string; text: string; source?: string };
  TRAIN_RUN_FINISHED: {
    run_id: string;
    status: "success" | "failed" | "cancelled";
    final_metrics?: Record<string, unknown> | null;
  };
  EVALUATION_STARTED: { message?: string };
  CLASSIFICATION_METRICS_READY: Record<string, unknown>;
  REGRESSION_METRICS_READY: Record<string, unknown>;
  EVALUATION_METRICS_READY: Record<string, unknown>;
  EVALUATION_COMPLETE: {
    primary_metric?: string;
    primary_value?: number;
    all_metrics?: Record<string, unknown>;
    artifacts?: { type: string; url: string }[];
  };
  ARTIFACT_ADDED: { artifact: Artifact };
  REPORT_READY: AssetReady;
  NOTEBOOK_READY: AssetReady;
  EXPORT_PROGRESS: { pct: number; message?: string };
  EXPORT_READY: { asset_url: string; contents?: string[]; checksum?: string };
}

export type ProjectEventName = keyof ProjectPayloads;

export type NamedEvent = {
  [Name in ProjectEventName]: { name: Name; payload: ProjectPayloads[Name] };
}[ProjectEventName];

export interface ProjectEvent {
  v: number;
  /** `HELLO` greets a joiner and takes no seq; everything else is `EVENT`. */
  type: string;
  project_id: string;
  seq: number;
  epoch: string;
  ts: number;
  event_id: string;
  stage: { id: string; index: number; status: StageStatus };
  event: NamedEvent;
}
