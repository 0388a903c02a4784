import type { ProjectView } from "../core/projectView";
import { Card } from "./Card";

type ArtifactsCardProps = Pick<ProjectView, "artifacts" | "exported" | "exporting">;

export function ArtifactsCard({ artifacts, exported, exporting }: ArtifactsCardProps) {
  const nothing = artifacts.length === 0 && !exported && !exporting;
  return (
    <Card title="Artefacts and export" empty={nothing ? "Reports, notebooks and the export" : null}>
      {artifacts.length > 0 && (
        <ul className="artifacts">
          {artifacts.map((artifact) => (
            <li key={artifact.url}>
              <AssetLink url={artifact.url}>{artifact.name}</AssetLink>
              {artifact.type && <span className="muted">{artifact.type}</span>}
            </li>
          ))}
        </ul>
      )}
      {exporting && (
        <p className="exporting">
          <progress className="bar" max={1} value={exporting.share} aria-label="Export progress" />
          <span className="muted">{exporting.message}</span>
        </p>
      )}
      {exported && (
        <div className="exported">
          <AssetLink url={exported.url} className="button primary">
            Download the export
          </AssetLink>
          {exported.contents.length > 0 && <p className="muted">{exported.contents.join(", ")}</p>}
          {exported.checksum && (
            <p className="checksum" title="Compare it with the file you downloaded">
              <span className="muted">checksum</span> <code>{exported.checksum}</code>
            </p>
          )}
        </div>
      )}
    </Card>
  );
}

/** A link only where the address is one of ours or plain http; anything else is shown as text. */
function AssetLink({ url, className = "", children }: { url: string; className?: string; children: string }) {
  const safe = /^(https?:\/\/|\/(?!\/)|[\w.-]+\/)/i.test(url) && !/^[a-z]+script:/i.test(url);
  return safe ? (
    <a className={className} href={url} download>
      {children}
    </a>
  ) : (
    <span>
      {children} <code>{url}</code>
    </span>
  );
}
