/** Realistic envelopes, numbered as a hub would. */
import type { AgentEvent, ProjectEvent } from "hubservice-client";
import type { StageStatus } from "../src/core/projectView";

export const epoch = "epochone";

export class ThreadScript {
  seq = 0;
  constructor(
    readonly thread = "thread_1",
    readonly run = "run_1",
  ) {}

  event<Type extends AgentEvent["type"]>(
    type: Type,
    payload: Extract<AgentEvent, { type: Type }>["payload"],
    extra: { run_id?: string | null } = {},
  ): AgentEvent {
    this.seq++;
    const inRun = type !== "user_message" && !type.startsWith("thread_");
    return {
      v: 1,
      type,
      event_id: `evt_${this.seq}`,
      thread_id: this.thread,
      ...(inRun ? { run_id: this.run, agent_name: "guide" } : {}),
      ...extra,
      seq: this.seq,
      epoch,
      timestamp: new Date(1_760_000_000_000 + this.seq * 100).toISOString(),
      payload,
    } as AgentEvent;
  }

  /** A question, a thought, a tool, a streamed answer and the end. */
  wholeRun(): AgentEvent[] {
    return [
      this.event("user_message", { message_id: "msg_1", text: "Where is order 4711?" }),
      this.event("agent_started", { agent_name: "guide", task: "Where is order 4711?" }),
      this.event("agent_thinking", { thought: "Ask the order system", step: 1, total_steps: 2, progress: 0.5 }),
      this.event("tool_executing", { tool_call_id: "call_1", tool_name: "find_order", parameters: { id: "4711" } }),
      this.event("tool_completed", {
        tool_call_id: "call_1",
        tool_name: "find_order",
        status: "ok",
        result: { status: "shipped" },
        duration_ms: 812,
      }),
      this.event("agent_streaming", { message_id: "msg_2", delta: "It is ", stream_index: 0 }),
      this.event("agent_streaming", { message_id: "msg_2", delta: "on its way", stream_index: 1 }),
      this.event("agent_message", { message_id: "msg_2", role: "assistant", text: "It is on its way." }),
      this.event("agent_completed", { status: "success", final_response: "It is on its way.", duration_ms: 1500 }),
    ];
  }
}

export class ProjectScript {
  seq = 0;
  constructor(readonly project = "demo") {}

  event(name: string, payload: unknown, stage = 0, status: StageStatus = "IN_PROGRESS"): ProjectEvent {
    this.seq++;
    return this.envelope("EVENT", this.seq, name, payload, stage, status);
  }

  greeting(): ProjectEvent {
    return this.envelope("HELLO", this.seq, "HELLO", { message: "hello", project_id: this.project }, 0, "IN_PROGRESS");
  }

  /** A part of the greeting: it repeats the head's seq. */
  repeated(name: string, payload: unknown): ProjectEvent {
    return this.envelope("HELLO", this.seq, name, payload, 0, "IN_PROGRESS");
  }

  envelope(
    type: string,
    seq: number,
    name: string,
    payload: unknown,
    stage: number,
    status: StageStatus,
  ): ProjectEvent {
    return {
      v: 1,
      type,
      project_id: this.project,
      seq,
      epoch,
      ts: 1_760_000_000_000 + seq,
      event_id: `evt_${name}_${seq}_${type}`,
      stage: { id: "PARSE_INTENT", index: stage, status },
      event: { name, payload },
    } as ProjectEvent;
  }
}
