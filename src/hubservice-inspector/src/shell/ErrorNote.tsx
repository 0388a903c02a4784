import { errorWords } from "../core/words";
import type { HubError } from "../wire/results";

/** A refused request, in words; the code and the trace id for whoever looks into it. */
export function ErrorNote({ error, onDismiss }: { error: HubError; onDismiss: () => void }) {
  return (
    <div className="error-note" role="alert">
      <p>{errorWords(error)}</p>
      <p className="error-code">
        {error.code}
        {error.trace_id ? ` · trace ${error.trace_id}` : ""}
      </p>
      <button type="button" className="button small" onClick={onDismiss}>
        Dismiss
      </button>
    </div>
  );
}
