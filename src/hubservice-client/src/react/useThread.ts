import { useMemo } from "react";
import { useSource, useToken } from "./provider.tsx";
import { Thread, type ThreadOptions, type ThreadView } from "./thread.ts";

export interface UseThreadResult extends ThreadView {
  /** Puts a page of older events in front. False when there are none, or they could not be had. */
  loadOlder(): Promise<boolean>;
}

/** The events of a thread; null follows none. */
export function useThread(threadId: string | null, options: ThreadOptions = {}): UseThreadResult {
  const token = useToken(options.sessionToken);
  const key = JSON.stringify([threadId, options.types, options.from, token]);
  const { source, value } = useSource<ThreadView, Thread>(
    key,
    (client) => new Thread(client, threadId, { ...options, ...(token !== undefined && { sessionToken: token }) }),
  );
  const loadOlder = useMemo(() => source.loadOlder.bind(source), [source]);
  return useMemo(() => ({ ...value, loadOlder }), [value, loadOlder]);
}
