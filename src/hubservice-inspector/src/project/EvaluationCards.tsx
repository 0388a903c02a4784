import { useMemo } from "react";
import type { ProjectView } from "../core/projectView";
import { Card } from "./Card";
import { Plot, type PlotData, type PlotLine } from "./Plot";

export function ConfusionCard({ confusion }: { confusion: ProjectView["confusion"] }) {
  return (
    <Card title="Confusion matrix" empty={confusion ? null : "After the evaluation"} className="medium">
      {confusion && <Confusion {...confusion} />}
    </Card>
  );
}

function Confusion({ matrix, labels }: NonNullable<ProjectView["confusion"]>) {
  const name = (index: number) => labels[index] ?? String(index);
  return (
    <table className="confusion">
      <caption className="visually-hidden">Rows are the true classes, columns the predicted ones.</caption>
      <thead>
        <tr>
          <td className="corner">true \ predicted</td>
          {matrix.map((_, column) => (
            <th key={name(column)} scope="col">
              {name(column)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {matrix.map((row, index) => {
          const total = row.reduce((sum, value) => sum + value, 0) || 1;
          return (
            <tr key={name(index)}>
              <th scope="row">{name(index)}</th>
              {row.map((value, column) => (
                <td
                  key={name(column)}
                  data-right={index === column}
                  style={{ "--share": `${Math.round((value / total) * 100)}%` } as React.CSSProperties}
                >
                  <b>{value}</b>
                  <span className="muted">{Math.round((value / total) * 100)} %</span>
                </td>
              ))}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const rocLines: PlotLine[] = [
  { label: "model", tone: "first" },
  { label: "chance", tone: "quiet" },
];
const noCurve: PlotData = [[], [], []];

export function RocCard({ roc }: { roc: ProjectView["roc"] }) {
  const data = useMemo((): PlotData => {
    if (!roc) {
      return noCurve;
    }
    const points = roc.fpr.map((x, i) => [x, roc.tpr[i] ?? 0] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const xs = points.map(([x]) => x);
    return [xs, points.map(([, y]) => y), xs];
  }, [roc]);
  const auc = roc?.auc == null ? "" : `AUC ${roc.auc.toFixed(3)}`;
  return (
    <Card title="ROC curve" aside={auc} className="medium" empty={roc ? null : "After the evaluation"}>
      <Plot title="True against false positive rate" data={data} lines={rocLines} height={158} unit />
    </Card>
  );
}
