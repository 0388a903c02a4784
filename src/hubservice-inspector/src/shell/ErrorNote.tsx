import type { HubErrorJson as HubError } from "hubservice-client";
import { errorWords } from "../core/words";

/** A refused request, in words; the code and the trace id for whoever looks into it. */
export function ErrorNote({ error, onDismiss }: { error: HubError; onDismiss: () => void }) {
  return (
    <div className="error-note" role="alert">
      <p>{errorWords(error)}</p>
      <p className="error-code">
        {error.code}
        {error.traceId ? ` · trace ${error.traceId}` : ""}
      </p>
      <button type="button" className="button small" onClick={onDismiss}>
        Dismiss
      </button>
    </div>
  );
}
