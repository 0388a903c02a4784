import type { Stage, StageStatus } from "../core/projectView";
import { titleCase } from "../core/words";
import { shortStage, statusWords } from "./stages";

interface StepperProps {
  stages: readonly Stage[];
  current: string;
  shown: string;
  onChoose: (id: string) => void;
}

export function Stepper({ stages, current, shown, onChoose }: StepperProps) {
  return (
    <nav aria-label="Stages">
      <ol className="stepper">
        {stages.map((stage, index) => (
          <li key={stage.id} data-status={stage.status}>
            <button
              type="button"
              className="stage"
              aria-current={stage.id === current ? "step" : undefined}
              aria-pressed={stage.id === shown}
              title={`${titleCase(stage.id)}: ${statusWords[stage.status] ?? stage.status}`}
              onClick={() => onChoose(stage.id)}
            >
              <span className="stage-mark" aria-hidden="true">
                {mark(stage.status) ?? index + 1}
              </span>
              <span className="stage-name">{shortStage(stage.id)}</span>
              <span className="visually-hidden">, {statusWords[stage.status] ?? stage.status}</span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function mark(status: StageStatus): string | null {
  switch (status) {
    case "COMPLETED":
      return "✓";
    case "FAILED":
      return "!";
    case "SKIPPED":
      return "–";
    case "WAITING_CONFIRMATION":
      return "?";
    default:
      return null;
  }
}
