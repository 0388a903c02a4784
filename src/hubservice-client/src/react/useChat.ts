import { useEffect, useMemo } from "react";
import type { MessageAck, OutgoingMessage } from "../types.ts";
import { Chat, type ChatOptions, type ChatView } from "./chat.ts";
import { useSource, useToken } from "./provider.tsx";

export interface UseChatResult extends ChatView {
  /** Shows the message at once, and sends it as soon as there is a connection. Rejects when it is refused; its `state` says so, too. */
  send(message: string | OutgoingMessage): Promise<MessageAck>;
  /** Sends a failed message again, as the same message. */
  retry(messageId: string): Promise<MessageAck>;
  /** Asks the agent to stop. */
  stop(): Promise<void>;
  /** Answers one of `inputs`. */
  answer(requestId: string, value: unknown): Promise<void>;
  clearError(): void;
}

/** A conversation with the guide agent, from its first event. */
export function useGuideChat(options: ChatOptions = {}): UseChatResult {
  return useChat("guide", options);
}

/** A conversation with the liaison agent of a pillar. */
export function useLiaisonChat(pillar: string, options: ChatOptions = {}): UseChatResult {
  return useChat(`liaison:${pillar}`, options);
}

function useChat(target: "guide" | `liaison:${string}`, options: ChatOptions): UseChatResult {
  const token = useToken(options.sessionToken);
  const { threadId, enabled, maxMessages, onEvent } = options;
  const key = JSON.stringify([target, threadId, enabled, maxMessages, token]);
  const { source, value } = useSource<ChatView, Chat>(
    key,
    (client) => new Chat(client, target, { ...options, ...(token !== undefined && { sessionToken: token }) }),
  );
  useEffect(() => {
    source.onEvent = onEvent;
  }, [source, onEvent]);
  const actions = useMemo(
    () => ({
      send: source.send.bind(source),
      retry: source.retry.bind(source),
      stop: source.stop.bind(source),
      answer: source.answer.bind(source),
      clearError: source.clearError.bind(source),
    }),
    [source],
  );
  return useMemo(() => ({ ...value, ...actions }), [value, actions]);
}
