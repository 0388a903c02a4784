import { useHubClient, useLostConnection } from "hubservice-client/react";
import { useState } from "react";

const words = {
  lost: "The connection is lost. What you send waits, and nothing is missed.",
  failed: "You are signed out.",
};

export function LostToast() {
  const client = useHubClient();
  const [phase, setPhase] = useState<"lost" | "failed" | null>(null);
  useLostConnection((next) => setPhase(next === "restored" ? null : next));
  return (
    phase && (
      <aside className="toast" role="alert">
        {words[phase]}
        <button type="button" onClick={() => client.reconnectNow()}>
          Try now
        </button>
      </aside>
    )
  );
}
