import { useState } from "react";
import type { ProjectView, Stage } from "../core/projectView";
import { titleCase } from "../core/words";
import { shortStage, statusWords } from "./stages";

interface StageBannerProps {
  stage: Stage;
  stages: readonly Stage[];
  waiting: ProjectView["waiting"];
  busy: boolean;
  onConfirm: () => void;
  onRestart: () => void;
}

export function StageBanner({ stage, stages, waiting, busy, onConfirm, onRestart }: StageBannerProps) {
  const [asking, setAsking] = useState(false);
  const place = stages.indexOf(stage) + 1;
  return (
    <section className="banner" data-status={stage.status} aria-label="Stage">
      <div className="banner-text" role="status">
        <p className="banner-title">
          {titleCase(stage.id)}
          <span className="banner-place">
            stage {place} of {stages.length} · {statusWords[stage.status] ?? stage.status}
          </span>
        </p>
        <p className="banner-message">{waiting?.summary || stage.message || "\u00a0"}</p>
        {waiting && waiting.actions.length > 0 && (
          <ul className="banner-actions">
            {waiting.actions.map((action) => (
              <li key={action}>{action}</li>
            ))}
          </ul>
        )}
      </div>
      <div className="banner-buttons">
        {asking ? (
          <>
            <span className="muted">
              Run {shortStage(stage.id)}
              {place < stages.length ? " and what follows" : ""} again?
            </span>
            <button
              type="button"
              className="button danger"
              disabled={busy}
              onClick={() => {
                setAsking(false);
                onRestart();
              }}
            >
              Restart
            </button>
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Keep
            </button>
          </>
        ) : (
          <>
            {waiting && (
              <button type="button" className="button confirm" disabled={busy} onClick={onConfirm}>
                Confirm
              </button>
            )}
            <button type="button" className="button" disabled={busy} onClick={() => setAsking(true)}>
              Restart {shortStage(stage.id)}
            </button>
          </>
        )}
      </div>
    </section>
  );
}
