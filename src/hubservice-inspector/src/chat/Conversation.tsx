import { memo } from "react";
import type { Item, ThreadView } from "../core/thread";
import type { Agent } from "../live/agent";
import { RunView } from "./RunView";
import { StepView } from "./StepView";

export function Conversation({ agent, thread }: { agent: Agent; thread: ThreadView }) {
  return (
    <ol className="conversation">
      {thread.items.map((item) => (
        <li key={`${item.kind}-${item.id}`} className={`item item-${item.kind}`}>
          <ItemView item={item} agent={agent} />
        </li>
      ))}
    </ol>
  );
}

const ItemView = memo(function ItemView({ item, agent }: { item: Item; agent: Agent }) {
  switch (item.kind) {
    case "user":
      return (
        <div className="bubble">
          <span className="visually-hidden">You: </span>
          {item.text}
        </div>
      );
    case "run":
      return <RunView run={item} agent={agent} />;
    case "step":
      return <StepView step={item.step} agent={agent} />;
    case "notice":
      return (
        <p className="notice" data-tone={item.tone}>
          {item.text}
        </p>
      );
  }
});
