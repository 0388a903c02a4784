import type { Step } from "../core/thread";
import { titleCase } from "../core/words";
import type { Agent } from "../live/agent";
import { Json } from "../shell/Json";
import { InputForm } from "./InputForm";
import { Prose } from "./Prose";
import { ToolStep } from "./ToolStep";

export function StepView({ step, agent }: { step: Step; agent: Agent }) {
  switch (step.kind) {
    case "thought":
      return (
        <div className="thought">
          <p>
            {step.text}
            {step.step !== null && (
              <span className="thought-step">
                {step.step}
                {step.total !== null && `/${step.total}`}
              </span>
            )}
          </p>
          {step.operation && <p className="muted">{step.operation}</p>}
          {step.progress !== null && <Bar label="Progress" value={step.progress} />}
        </div>
      );
    case "tool":
      return <ToolStep tool={step} connection={agent.connection} />;
    case "answer":
      return <Prose text={step.text} live={!step.complete} />;
    case "input":
      return <InputForm request={step} onProvide={(value) => agent.provideInput(step.id, value)} />;
    case "error":
      return (
        <div className="step-error">
          <p>{step.text}</p>
          <p className="error-code">
            {step.code} · {step.recoverable ? "the run goes on" : "cannot be recovered"}
          </p>
          {step.suggestions.length > 0 && (
            <ul>
              {step.suggestions.map((suggestion) => (
                <li key={suggestion}>{suggestion}</li>
              ))}
            </ul>
          )}
        </div>
      );
    case "note":
      return (
        <div className="thought">
          <p>{step.text}</p>
          {step.progress !== null && <Bar label={step.text} value={step.progress} />}
        </div>
      );
    case "result":
      return (
        <details className="result">
          <summary>{titleCase(step.name)}</summary>
          <Json label="Payload" value={step.payload} />
        </details>
      );
  }
}

function Bar({ label, value }: { label: string; value: number }) {
  return <progress className="bar" aria-label={label} max={1} value={Math.min(1, Math.max(0, value))} />;
}
