import type { Tool, ToolStatus } from "../core/thread";
import { durationWords } from "../core/words";
import type { AnyConnection } from "../live/connection";
import { brief, Json } from "../shell/Json";
import { Elapsed } from "./Elapsed";

const statusWords: Record<ToolStatus, string> = {
  executing: "running",
  ok: "ok",
  error: "error",
  abandoned: "abandoned",
};

export function ToolStep({ tool, connection }: { tool: Tool; connection: AnyConnection }) {
  const parameters = brief(tool.parameters);
  const outcome = tool.error ?? brief(tool.result);
  return (
    <details className="tool" data-status={tool.status}>
      <summary>
        <span className="tool-head">
          <code className="tool-name">{tool.name}</code>
          <span className="chip" data-status={tool.status}>
            {statusWords[tool.status]}
            <span className="time">
              {tool.status === "executing" ? (
                <Elapsed since={tool.startedAt} connection={connection} />
              ) : tool.durationMs === null ? null : (
                durationWords(tool.durationMs)
              )}
            </span>
          </span>
        </span>
        {tool.purpose && <span className="tool-purpose">{tool.purpose}</span>}
        {parameters && (
          <span className="tool-line">
            <span className="tool-arrow" aria-hidden="true">
              →
            </span>
            {parameters}
          </span>
        )}
        <span className="tool-line" data-empty={!outcome}>
          <span className="tool-arrow" aria-hidden="true">
            ←
          </span>
          {outcome || (tool.status === "executing" ? "…" : "no result")}
        </span>
      </summary>
      <Json label="Parameters" value={tool.parameters} />
      {(tool.status === "ok" || tool.status === "error") && (
        <Json label={tool.error ? "Error" : "Result"} value={tool.error ?? tool.result} />
      )}
    </details>
  );
}
