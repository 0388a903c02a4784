/** What every hub method answers with, as far as the page asks. */

export interface HubError {
  code: string;
  message: string;
  retryable: boolean;
  details?: Record<string, unknown> | null;
  trace_id?: string | null;
}

export interface HubResult {
  error?: HubError | null;
}

export interface SubscribeResult extends HubResult {
  epoch?: string | null;
  /** The newest seq of the stream when the subscription began. */
  seq?: number | null;
  recovered?: boolean | null;
  replayed?: number | null;
}

export interface MessageAccepted extends HubResult {
  thread_id?: string | null;
  message_id?: string | null;
  seq?: number | null;
  run_id?: string | null;
  duplicate?: boolean;
}

export interface ThreadInfo {
  thread_id: string;
  title?: string | null;
  owner?: string;
  created_at?: string;
}

export interface ThreadList extends HubResult {
  threads?: ThreadInfo[];
}

export interface ThreadResult extends HubResult {
  thread?: ThreadInfo | null;
}

export interface StageState {
  id: string;
  index: number;
  status: string;
  message?: string | null;
}

export interface ProjectState extends HubResult {
  stages?: StageState[];
  waiting_confirmation?: { stage_id: string; summary: string; next_actions: string[] } | null;
}

export interface Pong extends HubResult {
  ts: number;
  server_ts: number;
  node?: string | null;
}

export interface TokenRefreshed extends HubResult {
  expires_at?: string | null;
}
