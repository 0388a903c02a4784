import type { ProjectView } from "../core/projectView";
import { durationWords, metricName, numberWords } from "../core/words";
import { Card } from "./Card";

const order = ["accuracy", "roc_auc", "f1", "precision", "recall", "balanced_accuracy", "mcc", "log_loss"];

interface MetricsCardProps {
  metrics: ProjectView["metrics"];
  primary: string | null;
}

export function MetricsCard({ metrics, primary }: MetricsCardProps) {
  const rank = (name: string) => (name === primary ? -1 : order.includes(name) ? order.indexOf(name) : order.length);
  const rows = Object.entries(metrics).sort(([a], [b]) => rank(a) - rank(b));
  return (
    <Card title="Metrics" empty={rows.length > 0 ? null : "After the evaluation"}>
      <table className="table">
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name} data-primary={name === primary}>
              <th scope="row">{metricName(name)}</th>
              <td className="number">{numberWords(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

interface LeaderboardCardProps {
  rows: ProjectView["leaderboard"];
  best: ProjectView["best"];
  models: ProjectView["models"];
}

export function LeaderboardCard({ rows, best, models }: LeaderboardCardProps) {
  const nothing = rows.length === 0 && models.length === 0;
  return (
    <Card
      title={rows.length > 0 || nothing ? "Leaderboard" : "Candidates"}
      empty={nothing ? "Once models compete" : null}
    >
      {rows.length > 0 ? (
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" className="number">
                Metric
              </th>
              <th scope="col" className="number">
                Time
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: one model may stand there twice with other parameters
              <tr key={`${row.model}-${index}`} data-primary={row.model === best?.model}>
                <th scope="row" title={row.params ? JSON.stringify(row.params) : undefined}>
                  {row.model}
                </th>
                <td className="number">{numberWords(row.metric)}</td>
                <td className="number">{row.runtime_s == null ? "" : durationWords(row.runtime_s * 1000)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <ul className="candidates">
          {models.map((model) => (
            <li key={model.id}>
              <b>{model.name}</b>
              <span className="muted">{model.why}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
