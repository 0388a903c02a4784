import { Composer } from "../chat/Composer";
import type { LogLine } from "../core/project";
import { useStickToBottom } from "../shell/useStickToBottom";
import { Card } from "./Card";

interface LogCardProps {
  log: readonly LogLine[];
  busy: boolean;
  onChat: (text: string) => Promise<boolean>;
}

export function LogCard({ log, busy, onChat }: LogCardProps) {
  const { ref, onScroll } = useStickToBottom<HTMLElement>(log);
  return (
    <Card title="Log and messages" aside={log.length > 0 ? `${log.length} lines` : ""} wide className="log-card">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="log" ref={ref} onScroll={onScroll} tabIndex={0} aria-label="Log lines">
        {log.length === 0 && <p className="empty">The pipeline has said nothing yet.</p>}
        {log.map((line) => (
          <p key={line.id} className="log-line" data-level={line.level} data-chat={line.chat}>
            <time>{line.at ? new Date(line.at).toLocaleTimeString("en-GB") : ""}</time>
            <span>{line.text}</span>
          </p>
        ))}
      </section>
      <Composer label="Message to the project" placeholder="Write to the pipeline…" busy={busy} onSend={onChat} />
    </Card>
  );
}
