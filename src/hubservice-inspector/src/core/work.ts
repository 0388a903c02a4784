/** Folds what a pipeline does within its stages: data, training, evaluation, export, log. Pure. */
import type { ProjectEvent } from "hubservice-client";
import { numbers } from "./numbers";
import { addArtifact, addAsset, addLine, idle, note, type ProjectView, type Training } from "./projectView";
import { addPoint, noSeries } from "./series";
import { share } from "./words";

export function foldWork(view: ProjectView, event: ProjectEvent): ProjectView {
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
