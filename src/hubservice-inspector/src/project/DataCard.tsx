import type { ProjectView } from "../core/projectView";
import { numberWords, share } from "../core/words";
import { Card } from "./Card";

type DataCardProps = Pick<ProjectView, "dataset" | "profile" | "split" | "importance">;

export function DataCard({ dataset, profile, split, importance }: DataCardProps) {
  const nothing = !dataset && !profile && !split;
  return (
    <Card title="Data" aside={dataset ?? ""} empty={nothing ? "Once a data set is chosen" : null}>
      {profile && (
        <dl className="facts">
          <Fact name="rows" value={numberWords(profile.rows)} />
          <Fact name="columns" value={numberWords(profile.columns)} />
          {profile.missing !== null && <Fact name="missing" value={`${numberWords(share(profile.missing) * 100)} %`} />}
          {Object.entries(profile.types).map(([type, count]) => (
            <Fact key={type} name={type} value={numberWords(count)} />
          ))}
        </dl>
      )}
      {profile?.warnings.map((warning) => (
        <p key={warning} className="warning-text">
          {warning}
        </p>
      ))}
      {split && <Split split={split} />}
      {importance.length > 0 && <Importance features={importance.slice(0, 6)} />}
    </Card>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Split({ split }: { split: NonNullable<ProjectView["split"]> }) {
  const parts = [
    ["train", split.train],
    ["val", split.val],
    ["test", split.test],
  ] as const;
  return (
    <figure className="split">
      <div className="split-bar" aria-hidden="true">
        {parts.map(([name, rows]) => (
          <span key={name} data-part={name} style={{ flexGrow: rows }} />
        ))}
      </div>
      <figcaption>
        {parts.map(([name, rows]) => (
          <span key={name} className="split-key" data-part={name}>
            {name} {numberWords(rows)}
          </span>
        ))}
        {split.stratified && <span className="muted">stratified</span>}
      </figcaption>
    </figure>
  );
}

function Importance({ features }: { features: ProjectView["importance"] }) {
  const most = Math.max(...features.map((feature) => Math.abs(feature.importance)), Number.EPSILON);
  return (
    <ul className="importance" aria-label="Feature importance">
      {features.map(({ feature, importance }) => (
        <li key={feature}>
          <span className="importance-name">{feature}</span>
          <span className="importance-bar" aria-hidden="true">
            <span style={{ width: `${(Math.abs(importance) / most) * 100}%` }} />
          </span>
          <span className="number">{numberWords(importance)}</span>
        </li>
      ))}
    </ul>
  );
}
