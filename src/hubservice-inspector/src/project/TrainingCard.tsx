import { useMemo } from "react";
import type { Training } from "../core/projectView";
import { columns, type SeriesMap, seriesOf } from "../core/series";
import { durationWords, metricName } from "../core/words";
import { Card } from "./Card";
import { Plot, type PlotLine } from "./Plot";

export function TrainingCard({ training, series }: { training: Training; series: SeriesMap }) {
  const [first, second] = chosenMetrics(series, training.metric);
  return (
    <Card title="Training" aside={asideWords(training)} wide className="training">
      <div className="training-bar" data-status={training.status}>
        <progress className="bar" max={1} value={training.progress} aria-label="Training progress" />
        <span className="training-numbers">{progressWords(training)}</span>
      </div>
      <div className="plots">
        <MetricPlot name={first} series={series} />
        <MetricPlot name={second} series={series} />
      </div>
    </Card>
  );
}

function MetricPlot({ name, series }: { name: string; series: SeriesMap }) {
  const list = useMemo(() => seriesOf(series, name), [series, name]);
  const data = useMemo(() => columns(list), [list]);
  const lines: PlotLine[] = list.map((one) => ({ label: one.split, tone: one.split === "train" ? "first" : "second" }));
  return (
    <Plot
      title={metricName(name)}
      data={data}
      lines={lines.length > 0 ? lines : [{ label: "train", tone: "first" }]}
      height={176}
    />
  );
}

/** Loss beside the metric that counts; whatever else the pipeline measures when it has neither. */
function chosenMetrics(series: SeriesMap, primary: string | null): [string, string] {
  const names = [...new Set(Object.values(series).map((one) => one.name))];
  const loss = names.find((name) => name.includes("loss")) ?? "loss";
  const others = names.filter((name) => name !== loss);
  const second = [primary, "accuracy"].find((name) => name && others.includes(name)) ?? others[0] ?? "accuracy";
  return [loss, second];
}

function asideWords({ runId, modelId, status }: Training): string {
  return status === "idle" ? "" : [modelId, runId].filter(Boolean).join(" · ");
}

function progressWords({ status, epoch, epochs, etaS, phase, progress }: Training): string {
  switch (status) {
    case "idle":
      return "not started";
    case "running": {
      const parts = [
        epoch !== null && epochs !== null ? `epoch ${epoch} of ${epochs}` : `${Math.round(progress * 100)} %`,
        phase,
        etaS !== null ? `${durationWords(etaS * 1000)} left` : null,
      ];
      return parts.filter(Boolean).join(" · ");
    }
    case "success":
      return "finished";
    case "failed":
      return "failed";
    case "cancelled":
      return "cancelled";
  }
}
