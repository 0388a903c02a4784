/** On a narrow screen one side shows at a time. */
export type Tab = "agent" | "project";

const tabs: { id: Tab; label: string }[] = [
  { id: "agent", label: "Agent" },
  { id: "project", label: "Project" },
];

export function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  return (
    <nav className="tabs" aria-label="Sides of the page">
      {tabs.map(({ id, label }) => (
        <button
          key={id}
          type="button"
          aria-pressed={tab === id}
          aria-controls={`${id}-panel`}
          onClick={() => onTab(id)}
        >
          {label}
        </button>
      ))}
    </nav>
  );
}
