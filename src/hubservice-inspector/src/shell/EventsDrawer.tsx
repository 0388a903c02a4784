import { useMemo, useState } from "react";
import type { Entry, Journal } from "../live/journal";
import { useStore } from "../live/store";
import { useStickToBottom } from "./useStickToBottom";

export function EventsDrawer({ journal, onClose }: { journal: Journal; onClose: () => void }) {
  const entries = useStore(journal.entries);
  const [filter, setFilter] = useState("");
  const names = useMemo(() => [...new Set(entries.map((entry) => entry.name))].sort(), [entries]);
  const shown = filter ? entries.filter((entry) => entry.name === filter) : entries;
  const { ref, onScroll } = useStickToBottom<HTMLElement>(shown);
  return (
    <aside
      className="drawer"
      id="events"
      aria-label="Raw events"
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div className="drawer-head">
        <h2>Events</h2>
        <span className="muted">the last {entries.length}</span>
        <label className="drawer-filter">
          <span>Type</span>
          <select className="field" value={filter} onChange={(event) => setFilter(event.target.value)}>
            <option value="">all</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <button type="button" className="button small" onClick={onClose}>
          Close
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="drawer-list" ref={ref} onScroll={onScroll} tabIndex={0} aria-label="Envelopes">
        {shown.length === 0 && <p className="empty">Nothing has arrived yet.</p>}
        {shown.map((entry) => (
          <EntryLine key={entry.id} entry={entry} />
        ))}
      </section>
    </aside>
  );
}

function EntryLine({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="entry"
      data-hub={entry.hub}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
        const line = event.currentTarget;
        requestAnimationFrame(() => line.scrollIntoView({ block: "nearest" }));
      }}
    >
      <summary>
        <time dateTime={new Date(entry.at).toISOString()}>{clock(entry.at)}</time>
        <span className="entry-hub">{entry.hub}</span>
        <span className="entry-seq">{entry.seq ?? ""}</span>
        <span className="entry-name">{entry.name}</span>
      </summary>
      {open && <pre>{JSON.stringify(entry.envelope, null, 2)}</pre>}
    </details>
  );
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 23);
}
