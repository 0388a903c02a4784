import type { LogLine } from "../core/projectView";
import { useStickToBottom } from "../shell/useStickToBottom";
import { Card } from "./Card";

export function LogCard({ log }: { log: readonly LogLine[] }) {
  const { ref, onScroll } = useStickToBottom<HTMLElement>(log);
  return (
    <Card title="Log" aside={log.length > 0 ? `${log.length} lines` : ""} wide className="log-card">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="log" ref={ref} onScroll={onScroll} tabIndex={0} aria-label="Log lines">
        {log.length === 0 && <p className="empty">The pipeline has said nothing yet.</p>}
        {log.map((line) => (
          <p key={line.id} className="log-line" data-level={line.level} data-chat={line.chat}>
            <time>{clock(line.at)}</time>
            <span>{line.text}</span>
          </p>
        ))}
      </section>
    </Card>
  );
}

/** The newest line, where answers to a message can be seen without scrolling. */
export function LatestLine({ log }: { log: readonly LogLine[] }) {
  const line = log.at(-1);
  return (
    <p className="latest" role="status" title={line?.text}>
      {line && (
        <>
          <time>{clock(line.at)}</time>
          <span>{line.text}</span>
        </>
      )}
    </p>
  );
}

function clock(at: number): string {
  return at ? new Date(at).toLocaleTimeString("en-GB") : "";
}
