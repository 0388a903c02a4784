import type { ProjectEvent } from "hubservice-client";
import { useProject } from "hubservice-client/react";

export function Project({ projectId }: { projectId: string }) {
  const { stages, current, waiting, percent, events, error, busy, confirm, restart, chat } = useProject(projectId);
  const lines = events.map(lineOf).filter((line) => line !== null);
  return (
    <section aria-label="Project">
      <h2>{projectId}</h2>
      <progress aria-label="Completed" value={percent} max={100} />
      <ol className="stages">
        {stages.map((stage) => (
          <li key={stage.id} data-status={stage.status} aria-current={stage.id === current?.id ? "step" : undefined}>
            <span>{stage.id}</span> <small>{stage.status}</small>
            {stage.status === "FAILED" && (
              <button type="button" disabled={busy} onClick={() => void restart(stage.id)}>
                Restart
              </button>
            )}
          </li>
        ))}
      </ol>
      {waiting && (
        <p>
          {waiting.summary}
          <button type="button" disabled={busy} onClick={() => void confirm(waiting.stage_id)}>
            Confirm
          </button>
        </p>
      )}
      <button type="button" disabled={busy} onClick={() => void chat("Train a classifier")}>
        Start
      </button>
      {error && <p role="alert">{error.message}</p>}
      <ul className="log">
        {lines.slice(-8).map((line) => (
          <li key={line.id}>{line.text}</li>
        ))}
      </ul>
    </section>
  );
}

/** The name of an event tells the type of its payload. */
function lineOf({ event, event_id: id }: ProjectEvent): { id: string; text: string } | null {
  switch (event.name) {
    case "LOG_LINE":
      return { id, text: event.payload.text };
    case "TRAIN_RUN_FINISHED":
      return { id, text: `Training ended: ${event.payload.status}` };
    default:
      return null;
  }
}
