/** Events on a thread stream; `switch (event.type)` narrows the payload. */

interface AgentPayloads {
  agent_started: { agent_name: string; task?: string | null; parent_run_id?: string | null };
  agent_thinking: {
    thought: string;
    step?: number | null;
    total_steps?: number | null;
    progress?: number | null;
    current_operation?: string | null;
  };
  tool_executing: { tool_call_id: string; tool_name: string; parameters?: unknown; purpose?: string | null };
  tool_completed: {
    tool_call_id: string;
    tool_name: string;
    status: "ok" | "error" | "abandoned";
    result?: unknown;
    error?: unknown;
    duration_ms: number;
  };
  agent_completed: {
    status: "success" | "failed" | "cancelled" | "abandoned";
    result?: unknown;
    final_response?: string | null;
    error?: unknown;
    duration_ms: number;
    usage?: Record<string, unknown> | null;
  };
  agent_error: {
    code: string;
    message: string;
    recoverable: boolean;
    recovery_suggestions?: string[] | null;
    retry_after_ms?: number | null;
  };
  agent_streaming: { message_id: string; delta: string; stream_index: number };
  agent_message: { message_id: string; role?: string; text: string };
  user_message: { message_id: string; text: string };
  input_requested: { request_id: string; prompt: string; schema?: InputSchema | null; expires_at?: string | null };
  input_provided: { request_id: string; value: unknown; expired?: boolean | null };
  progress_update: { progress: number; message?: string | null };
  status_update: { status: string; message?: string | null };
  system_message: { text: string; code?: string | null };
  warning_message: { text: string; code?: string | null };
  thread_created: { title?: string | null };
  thread_updated: { title?: string | null };
  thread_deleted: { title?: string | null };
  file_selected: Record<string, unknown>;
  file_processing: Record<string, unknown>;
  file_complete: Record<string, unknown>;
  file_error: Record<string, unknown>;
  question_answer: Record<string, unknown>;
  visualization_data: Record<string, unknown>;
  analysis_result: Record<string, unknown>;
  workflow_generated: Record<string, unknown>;
  sop_generated: Record<string, unknown>;
  custom: { name: string; value: unknown };
}

/** The part of JSON Schema that the input form can draw; anything else becomes a text field. */
export interface InputSchema {
  type?: string;
  title?: string;
  description?: string;
  enum?: unknown[];
  properties?: Record<string, InputSchema>;
  required?: string[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
}

export type AgentEventType = keyof AgentPayloads;

export interface AgentEnvelope<Type extends AgentEventType> {
  v: number;
  type: Type;
  event_id: string;
  thread_id: string;
  run_id?: string | null;
  user_id?: string | null;
  agent_name?: string | null;
  seq: number;
  epoch: string;
  timestamp: string;
  payload: AgentPayloads[Type];
  metadata?: Record<string, unknown> | null;
}

export type AgentEvent = { [Type in AgentEventType]: AgentEnvelope<Type> }[AgentEventType];

const names: Record<AgentEventType, true> = {
  agent_started: true,
  agent_thinking: true,
  tool_executing: true,
  tool_completed: true,
  agent_completed: true,
  agent_error: true,
  agent_streaming: true,
  agent_message: true,
  user_message: true,
  input_requested: true,
  input_provided: true,
  progress_update: true,
  status_update: true,
  system_message: true,
  warning_message: true,
  thread_created: true,
  thread_updated: true,
  thread_deleted: true,
  file_selected: true,
  file_processing: true,
  file_complete: true,
  file_error: true,
  question_answer: true,
  visualization_data: true,
  analysis_result: true,
  workflow_generated: true,
  sop_generated: true,
  custom: true,
};

/** Every type is one client method: `agent_started` arrives as `AgentStarted`. */
export const agentMethods: readonly string[] = Object.keys(names).map(pascalCase);

export function pascalCase(type: string): string {
  return type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
