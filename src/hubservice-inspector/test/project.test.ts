import type { ProjectEvent } from "hubservice-client";
import { expect, test } from "vitest";
import { fillFromState, foldProject } from "../src/core/project";
import { emptyProject, type ProjectView } from "../src/core/projectView";
import { seriesOf } from "../src/core/series";
import { ProjectScript } from "./events";

const fold = (events: ProjectEvent[], from: ProjectView = emptyProject) => events.reduce(foldProject, from);
const stage = (view: ProjectView, id: string) => view.stages.find((one) => one.id === id)?.status;

test("A project is fresh until something happens beyond its first stage", () => {
  const script = new ProjectScript();
  const greeted = fold([
    script.greeting(),
    script.event("STAGE_STATUS", { stage_id: "PARSE_INTENT", status: "IN_PROGRESS", message: "" }),
  ]);
  expect(greeted.fresh).toBe(true);
  expect(fold([script.event("LOG_LINE", { run_id: "chat", level: "info", text: "User: hi" })], greeted).fresh).toBe(
    false,
  );
});

test("Waiting shows what to confirm, and confirming moves on", () => {
  const script = new ProjectScript();
  const waiting = fold([
    script.event("WAITING_CONFIRMATION", {
      stage_id: "PARSE_INTENT",
      summary: "Understood",
      next_actions: ["Confirm"],
    }),
  ]);
  expect(waiting.waiting).toEqual({ stageId: "PARSE_INTENT", summary: "Understood", actions: ["Confirm"] });
  expect(stage(waiting, "PARSE_INTENT")).toBe("WAITING_CONFIRMATION");
  const next = fold(
    [
      script.event("STAGE_STATUS", { stage_id: "PARSE_INTENT", status: "COMPLETED", message: "Stage confirmed" }),
      script.event("STAGE_STATUS", { stage_id: "DATA_SOURCE", status: "IN_PROGRESS", message: "Advancing" }),
    ],
    waiting,
  );
  expect(next.waiting).toBeNull();
  expect(next.current).toBe("DATA_SOURCE");
  expect(stage(next, "PARSE_INTENT")).toBe("COMPLETED");
});

test("A restarted stage sends the later ones back", () => {
  const script = new ProjectScript();
  const done = ["PARSE_INTENT", "DATA_SOURCE", "PROFILE_DATA"].map((id) =>
    script.event("STAGE_STATUS", { stage_id: id, status: "COMPLETED", message: "ok" }),
  );
  const view = fold([
    ...done,
    script.event("STAGE_STATUS", {
      stage_id: "DATA_SOURCE",
      status: "IN_PROGRESS",
      message: "Stage restarted by user",
    }),
  ]);
  expect(stage(view, "PARSE_INTENT")).toBe("COMPLETED");
  expect(stage(view, "DATA_SOURCE")).toBe("IN_PROGRESS");
  expect(stage(view, "PROFILE_DATA")).toBe("PENDING");
});

test("A training run fills plots, progress and metrics", () => {
  const script = new ProjectScript();
  const view = fold([
    script.event("TRAIN_RUN_STARTED", { run_id: "run_1", model_id: "mlp", metric_primary: "accuracy", config: {} }),
    script.event("TRAIN_PROGRESS", {
      run_id: "run_1",
      epoch: 3,
      epochs: 6,
      step: 3,
      steps: 6,
      eta_s: 1.5,
      phase: "fit",
    }),
    script.event("METRIC_SCALAR", { run_id: "run_1", name: "loss", split: "train", step: 1, value: 0.9 }),
    script.event("METRIC_SCALAR", { run_id: "run_1", name: "loss", split: "train", step: 2, value: 0.5 }),
    script.event("CONFUSION_MATRIX_READY", {
      matrix: [
        [10, 0],
        [1, 9],
      ],
      labels: ["a", "b"],
    }),
    script.event("ROC_CURVE_READY", { fpr: [0, 1], tpr: [0, 1], auc: 0.9 }),
    script.event("CLASSIFICATION_METRICS_READY", { run_id: "run_1", accuracy: 0.96, roc_auc: null, n_classes: 2 }),
  ]);
  expect(view.training).toMatchObject({ status: "running", progress: 0.5, epoch: 3, epochs: 6, etaS: 1.5 });
  expect(seriesOf(view.series, "loss")[0]?.values).toEqual([0.9, 0.5]);
  expect(view.confusion?.labels).toEqual(["a", "b"]);
  expect(view.roc?.auc).toBe(0.9);
  expect(view.metrics).toEqual({ accuracy: 0.96 });
});

test("Both shapes of final metrics are read", () => {
  const script = new ProjectScript();
  const plain = script.event("TRAIN_RUN_FINISHED", {
    run_id: "r",
    status: "success",
    final_metrics: { accuracy: 0.9 },
  });
  const rich = script.event("TRAIN_RUN_FINISHED", {
    run_id: "r",
    status: "success",
    final_metrics: {
      task_type: "classification",
      primary: { name: "accuracy", split: "test", value: 0.91 },
      metrics: [{ name: "f1", split: "test", value: 0.88 }],
    },
  });
  expect(fold([plain]).metrics).toEqual({ accuracy: 0.9 });
  expect(fold([rich]).metrics).toEqual({ accuracy: 0.91, f1: 0.88 });
  expect(fold([plain]).training).toMatchObject({ status: "success", progress: 1 });
});

test("A new run clears what the former one drew", () => {
  const script = new ProjectScript();
  const view = fold([
    script.event("METRIC_SCALAR", { run_id: "run_1", name: "loss", split: "train", step: 1, value: 0.9 }),
    script.event("CONFUSION_MATRIX_READY", { matrix: [[1]], labels: ["a"] }),
    script.event("TRAIN_RUN_STARTED", { run_id: "run_2", model_id: "mlp" }),
  ]);
  expect(view.series).toEqual({});
  expect(view.confusion).toBeNull();
});

test("Payloads off the schema and unknown names change nothing", () => {
  const script = new ProjectScript();
  const view = fold([
    script.event("STAGE_STATUS", { steps: ["Scale"], step_count: 1 }),
    script.event("PROFILE_SUMMARY", { profile: {} }),
    script.event("GD_DIAGNOSTIC", { step: 1 }),
    script.event("TRAIN_PROGRESS", { progress: 20, message: "Detected: tabular" }),
  ]);
  expect(view.profile).toBeNull();
  expect(view.training.progress).toBe(0.2);
});

test("The state fills in what no event told, and contradicts none", () => {
  const script = new ProjectScript();
  const view = fold([script.event("STAGE_STATUS", { stage_id: "TRAIN", status: "IN_PROGRESS", message: "go" })]);
  const filled = fillFromState(view, {
    stages: emptyProject.stages.map(({ id }, index) => ({
      id,
      index,
      status: index < 5 ? "COMPLETED" : "PENDING",
      message: "",
    })),
  });
  expect(stage(filled, "PARSE_INTENT")).toBe("COMPLETED");
  expect(stage(filled, "TRAIN")).toBe("IN_PROGRESS");
});
