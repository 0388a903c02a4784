import { useState } from "react";
import type { Run, RunStatus } from "../core/thread";
import { durationWords } from "../core/words";
import type { Agent } from "../live/agent";
import { Elapsed } from "./Elapsed";
import { StepView } from "./StepView";

const statusWords: Record<RunStatus, string> = {
  running: "running",
  success: "done",
  failed: "failed",
  cancelled: "cancelled",
  abandoned: "abandoned",
};

export function RunView({ run, agent }: { run: Run; agent: Agent }) {
  const running = run.status === "running";
  return (
    <article className="run" data-status={run.status} aria-label={`Run of ${run.agent}`}>
      <header className="run-head">
        <span className="run-agent">{run.agent}</span>
        {run.task && (
          <span className="run-task" title={run.task}>
            {run.task}
          </span>
        )}
        <span className="chip" data-status={run.status}>
          {statusWords[run.status]}
          <span className="time">
            {running ? (
              <Elapsed since={run.startedAt} connection={agent.connection} />
            ) : run.durationMs === null ? null : (
              durationWords(run.durationMs)
            )}
          </span>
        </span>
        {running && <CancelButton onCancel={() => agent.cancel(run.id)} />}
      </header>
      <ol className="timeline">
        {run.steps.map((step) => (
          <li key={`${step.kind}-${step.id}`} className="step" data-kind={step.kind} data-state={stepState(step)}>
            <StepView step={step} agent={agent} />
          </li>
        ))}
        {running && run.steps.length === 0 && <li className="step muted">Started</li>}
      </ol>
      {run.error && <p className="error-text">{run.error}</p>}
      {run.status === "abandoned" && !run.error && (
        <p className="muted">The agent went away; the hub closed its run.</p>
      )}
    </article>
  );
}

function stepState(step: Run["steps"][number]): string | undefined {
  switch (step.kind) {
    case "tool":
      return step.status;
    case "answer":
      return step.complete ? "ok" : "executing";
    case "input":
      return step.answer ? "ok" : "waiting";
    case "error":
      return "error";
    default:
      return undefined;
  }
}

function CancelButton({ onCancel }: { onCancel: () => Promise<void> }) {
  const [asked, setAsked] = useState(false);
  return (
    <button
      type="button"
      className="button small"
      disabled={asked}
      onClick={() => {
        setAsked(true);
        void onCancel().finally(() => setAsked(false));
      }}
    >
      Cancel
    </button>
  );
}
