import type { ThreadInfo } from "hubservice-client";

interface ThreadPickerProps {
  threads: readonly ThreadInfo[];
  threadId: string | null;
  title: string | null;
  onOpen: (id: string | null) => void;
}

export function ThreadPicker({ threads, threadId, title, onOpen }: ThreadPickerProps) {
  const known = threads.some((thread) => thread.thread_id === threadId);
  return (
    <div className="thread-picker">
      <select
        className="field"
        aria-label="Conversation"
        value={threadId ?? ""}
        onChange={(event) => onOpen(event.target.value || null)}
      >
        {threadId === null && <option value="">New conversation</option>}
        {threadId !== null && !known && <option value={threadId}>{title ?? threadId}</option>}
        {threads.map((thread) => (
          <option key={thread.thread_id} value={thread.thread_id}>
            {(thread.thread_id === threadId && title) || thread.title || thread.thread_id}
          </option>
        ))}
      </select>
      <button type="button" className="button" disabled={threadId === null} onClick={() => onOpen(null)}>
        New conversation
      </button>
    </div>
  );
}
