import { type ConnectionHealth, type Position, positionText } from "hubservice-client";
import { useConnectionHealth } from "hubservice-client/react";
import { errorWords } from "../core/words";
import type { AnyConnection } from "../live/connection";
import type { StreamView } from "../live/followed";
import type { Inspector } from "../live/inspector";
import { type Store, useStore } from "../live/store";

export function ConnectionBar({ inspector }: { inspector: Inspector }) {
  return (
    <section className="connections" aria-label="Connections">
      <HubLine label="Agent" connection={inspector.agent.connection} streamStore={inspector.agent.stream} />
      <HubLine label="Project" connection={inspector.project.connection} streamStore={inspector.project.stream} />
    </section>
  );
}

interface HubLineProps {
  label: string;
  connection: AnyConnection;
  streamStore: Store<StreamView | null>;
}

function HubLine({ label, connection, streamStore }: HubLineProps) {
  const health = useConnectionHealth().find(({ connectionId }) => connectionId === connection.id);
  const notice = useStore(connection.notice);
  const stream = useStore(streamStore);
  const state = stateOf(health);
  const broken = stream ? stream.missing + stream.duplicates : 0;
  const resume = resumeWords(state, notice, stream);
  return (
    <div className="hub" data-state={state}>
      <div className="hub-row">
        <span className="hub-name">
          <span className="dot" aria-hidden="true" />
          {label}
        </span>
        <span className="hub-state" role="status">
          {stateWords(state, health)}
        </span>
        {state === "connected" ? (
          <button type="button" className="button small" onClick={() => connection.drop()}>
            Drop the connection
          </button>
        ) : (
          <button type="button" className="button small" onClick={() => connection.retryNow()}>
            Connect now
          </button>
        )}
      </div>
      <div className="hub-row">
        <ul className="counters">
          <li className="counter-position" title={stream ? `Position ${positionText(stream.position)}` : "No stream"}>
            <span className="visually-hidden">position </span>
            {stream ? <PositionText at={stream.position} /> : "–"}
          </li>
          <Count value={stream?.received ?? 0} name="events" />
          <Count value={stream?.missing ?? 0} name="gaps" bad />
          <Count value={stream?.duplicates ?? 0} name="duplicates" bad />
        </ul>
        <p className="hub-resume" role="status" data-bad={broken > 0 || stream?.error != null} title={resume}>
          {resume}
        </p>
      </div>
    </div>
  );
}

function Count({ value, name, bad = false }: { value: number; name: string; bad?: boolean }) {
  return (
    <li data-bad={bad && value > 0}>
      <b>{value}</b> {name}
    </li>
  );
}

/** The epoch is long and opaque: its beginning is enough to see it change. */
function PositionText({ at }: { at: Position }) {
  const epoch = at.epoch.length > 5 ? `${at.epoch.slice(0, 4)}…` : at.epoch;
  return (
    <>
      {epoch}:<b>{at.seq}</b>
    </>
  );
}

type State = "connecting" | "connected" | "reconnecting" | "lost";

/** Failed attempts after which a person is told that it takes long. */
const lostAfter = 4;

function stateOf(health: ConnectionHealth | undefined): State {
  if (health?.status === "connected") {
    return "connected";
  }
  if (health && (health.attempt >= lostAfter || health.status === "failed" || health.status === "suspended")) {
    return "lost";
  }
  return health?.status === "reconnecting" ? "reconnecting" : "connecting";
}

const stateNames: Record<State, string> = {
  connecting: "connecting",
  connected: "connected",
  reconnecting: "reconnecting",
  lost: "lost, still trying",
};

function stateWords(state: State, health: ConnectionHealth | undefined): string {
  if (health?.status === "failed") {
    return "refused";
  }
  return typeof health?.rttMs === "number" ? `${stateNames[state]} · ${health.rttMs} ms` : stateNames[state];
}

function resumeWords(state: State, notice: string | null, stream: StreamView | null): string {
  if (notice) {
    return notice;
  }
  if (stream?.error) {
    return `Not following ${stream.id}: ${errorWords(stream.error)}`;
  }
  if (state !== "connected") {
    return stream && stream.received > 0 ? `Will resume after event ${stream.position.seq}.` : "";
  }
  switch (stream?.resume?.state) {
    case "subscribing":
      return "Asking for what was missed…";
    case "replaying":
      return `Replaying ${stream.resume.expected} events…`;
    case "done": {
      const { first, replayed, lost } = stream.resume;
      const what = `${replayed} ${replayed === 1 ? "event" : "events"} replayed, ${lost} lost`;
      return first ? what : `resumed: ${what}`;
    }
    default:
      return "";
  }
}
