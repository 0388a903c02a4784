import { activeRun, type Run, type ThreadView } from "../core/thread";
import type { Agent } from "../live/agent";
import { useStore } from "../live/store";
import { ErrorNote } from "../shell/ErrorNote";
import { useStickToBottom } from "../shell/useStickToBottom";
import { Composer } from "./Composer";
import { Conversation } from "./Conversation";
import { Suggestions } from "./Suggestions";
import { ThreadPicker } from "./ThreadPicker";

export function ChatPanel({ agent }: { agent: Agent }) {
  const view = useStore(agent.view);
  const thread = useStore(agent.thread);
  const stream = useStore(agent.stream);
  const { ref, onScroll, atBottom, toBottom } = useStickToBottom<HTMLElement>(thread);
  const loading = view.threadId !== null && stream?.resume?.state !== "done" && stream?.received === 0;
  const send = async (text: string) => {
    toBottom();
    return agent.send(text);
  };
  return (
    <section className="panel chat" id="agent-panel" aria-labelledby="agent-title">
      <div className="panel-head">
        <h2 id="agent-title">Agent</h2>
        <ThreadPicker
          threads={view.threads}
          threadId={view.threadId}
          title={thread.title}
          onOpen={(id) => agent.open(id)}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="chat-scroll" ref={ref} onScroll={onScroll} tabIndex={0} aria-label="Conversation">
        {thread.items.length > 0 ? (
          <Conversation agent={agent} thread={thread} />
        ) : loading ? (
          <p className="empty">Opening the conversation…</p>
        ) : (
          <Suggestions disabled={view.sending} onPick={(text) => void send(text)} />
        )}
      </section>
      <p className="visually-hidden" role="status">
        {spokenStatus(thread)}
      </p>
      <div className="chat-foot">
        {!atBottom && (
          <button type="button" className="button small to-bottom" onClick={toBottom}>
            Newest ↓
          </button>
        )}
        {view.error && <ErrorNote error={view.error} onDismiss={() => agent.dismissError()} />}
        <Composer
          label="Message to the agent"
          placeholder={thread.deleted ? "This conversation was deleted." : "Ask the agent…"}
          disabled={thread.deleted}
          busy={view.sending}
          onSend={send}
        />
      </div>
    </section>
  );
}

/** What a screen reader hears: the coarse course, not every token. */
function spokenStatus(thread: ThreadView): string {
  const run = activeRun(thread) ?? thread.items.findLast((item): item is Run => item.kind === "run");
  if (!run) {
    return "";
  }
  if (run.status !== "running") {
    return `${run.agent}: ${run.status}.`;
  }
  const step = run.steps.at(-1);
  switch (step?.kind) {
    case "tool":
      return `${run.agent} uses ${step.name}.`;
    case "answer":
      return `${run.agent} answers.`;
    case "input":
      return step.answer ? `${run.agent} works.` : `${run.agent} asks: ${step.prompt}`;
    default:
      return `${run.agent} works.`;
  }
}
