import { useConnectionHealth } from "hubservice-client/react";

export function Health() {
  const connections = useConnectionHealth();
  return (
    <ul className="health" aria-label="Connections">
      {connections.map(({ connectionId, target, status, rttMs, reconnects, queued }) => (
        <li key={connectionId} data-status={status}>
          {target}: {status}
          {rttMs !== null && `, ${rttMs} ms`}
          {reconnects > 0 && `, ${reconnects} reconnects`}
          {queued > 0 && `, ${queued} waiting`}
        </li>
      ))}
    </ul>
  );
}
