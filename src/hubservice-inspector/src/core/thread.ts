/** A conversation as the page shows it, folded from the events of its thread. Pure. */
import type { AgentEvent } from "hubservice-client";
import { type Chunks, chunkText, insertChunk } from "./chunks";
import { valueWords } from "./words";

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

export type RunStatus = "running" | "success" | "failed" | "cancelled" | "abandoned";
export type ToolStatus = "executing" | "ok" | "error" | "abandoned";

export interface Tool {
  kind: "tool";
  id: string;
  name: string;
  purpose: string | null;
  parameters: unknown;
  status: ToolStatus;
  startedAt: number;
  durationMs: number | null;
  result: unknown;
  error: string | null;
}

export interface Answer {
  kind: "answer";
  id: string;
  text: string;
  chunks: Chunks;
  complete: boolean;
}

export interface InputRequest {
  kind: "input";
  id: string;
  prompt: string;
  schema: InputSchema | null;
  expiresAt: number | null;
  answer: { value: unknown; expired: boolean } | null;
}

export type Step =
  | Tool
  | Answer
  | InputRequest
  | {
      kind: "thought";
      id: string;
      text: string;
      step: number | null;
      total: number | null;
      progress: number | null;
      operation: string | null;
    }
  | { kind: "error"; id: string; code: string; text: string; recoverable: boolean; suggestions: readonly string[] }
  | { kind: "note"; id: string; text: string; progress: number | null }
  | { kind: "result"; id: string; name: string; payload: unknown };

export interface Run {
  kind: "run";
  id: string;
  agent: string;
  task: string | null;
  parent: string | null;
  status: RunStatus;
  startedAt: number;
  durationMs: number | null;
  error: string | null;
  steps: readonly Step[];
}

export type Item =
  | Run
  | { kind: "user"; id: string; text: string; at: number }
  | { kind: "step"; id: string; step: Step }
  | { kind: "notice"; id: string; tone: "info" | "warning"; text: string };

export interface ThreadView {
  title: string | null;
  deleted: boolean;
  items: readonly Item[];
}

export const emptyThread: ThreadView = { title: null, deleted: false, items: [] };

export function foldThread(view: ThreadView, event: AgentEvent): ThreadView {
  switch (event.type) {
    case "user_message":
      return append(view, {
        kind: "user",
        id: event.payload.message_id ?? event.event_id,
        text: event.payload.text,
        at: Date.parse(event.timestamp),
      });
    case "agent_started":
      return startRun(view, event);
    case "agent_completed":
      return endRun(view, event);
    case "tool_completed":
      return closeTool(view, event);
    case "agent_streaming":
      return updateStep(view, event, event.payload.message_id, (step) => {
        const chunks = insertChunk(answerChunks(step), event.payload.stream_index, event.payload.delta);
        if (step?.kind === "answer" && step.complete) {
          return step;
        }
        return { kind: "answer", id: event.payload.message_id, text: chunkText(chunks), chunks, complete: false };
      });
    case "agent_message":
      return updateStep(view, event, event.payload.message_id, () => ({
        kind: "answer",
        id: event.payload.message_id,
        text: event.payload.text,
        chunks: [],
        complete: true,
      }));
    case "input_provided":
      return mapSteps(view, (step) =>
        step.kind === "input" && step.id === event.payload.request_id
          ? { ...step, answer: { value: event.payload.value, expired: event.payload.expired === true } }
          : step,
      );
    case "system_message":
      return append(view, { kind: "notice", id: event.event_id, tone: "info", text: event.payload.text });
    case "warning_message":
      return append(view, { kind: "notice", id: event.event_id, tone: "warning", text: event.payload.text });
    case "thread_created":
    case "thread_updated":
      return { ...view, title: event.payload.title ?? view.title };
    case "thread_deleted":
      return { ...view, deleted: true };
    default:
      return addStep(view, event, newStep(event));
  }
}

/** Shows where events are missing for good. */
export function markLost(view: ThreadView, from: number, to: number): ThreadView {
  const count = to - from + 1;
  const text = `${count} older ${count === 1 ? "event is" : "events are"} no longer kept (${from} to ${to}).`;
  return append(view, { kind: "notice", id: `lost-${from}-${to}`, tone: "warning", text });
}

/** A run that still goes on, the newest first choice of the cancel button. */
export function activeRun(view: ThreadView): Run | undefined {
  return view.items.findLast((item): item is Run => item.kind === "run" && item.status === "running");
}

type EventOf<Type extends AgentEvent["type"]> = Extract<AgentEvent, { type: Type }>;

function newStep(event: AgentEvent): Step {
  const id = event.event_id;
  switch (event.type) {
    case "agent_thinking":
      return {
        kind: "thought",
        id,
        text: event.payload.thought,
        step: event.payload.step ?? null,
        total: event.payload.total_steps ?? null,
        progress: event.payload.progress ?? null,
        operation: event.payload.current_operation ?? null,
      };
    case "tool_executing":
      return {
        kind: "tool",
        id: event.payload.tool_call_id,
        name: event.payload.tool_name,
        purpose: event.payload.purpose ?? null,
        parameters: event.payload.parameters ?? null,
        status: "executing",
        startedAt: Date.parse(event.timestamp),
        durationMs: null,
        result: null,
        error: null,
      };
    case "agent_error":
      return {
        kind: "error",
        id,
        code: event.payload.code,
        text: event.payload.message,
        recoverable: event.payload.recoverable,
        suggestions: event.payload.recovery_suggestions ?? [],
      };
    case "input_requested":
      return {
        kind: "input",
        id: event.payload.request_id,
        prompt: event.payload.prompt,
        schema: event.payload.schema ?? null,
        expiresAt: event.payload.expires_at ? Date.parse(event.payload.expires_at) : null,
        answer: null,
      };
    case "progress_update":
      return { kind: "note", id, text: event.payload.message ?? "Working", progress: event.payload.progress };
    case "status_update":
      return { kind: "note", id, text: event.payload.message ?? event.payload.status, progress: null };
    case "custom":
      return { kind: "result", id, name: event.payload.name, payload: event.payload.value };
    default:
      return { kind: "result", id, name: event.type, payload: event.payload };
  }
}

function startRun(view: ThreadView, event: EventOf<"agent_started">): ThreadView {
  const id = event.run_id ?? event.event_id;
  const asked = view.items.findLast((item) => item.kind === "user")?.text;
  const task = event.payload.task ?? null;
  return append(view, {
    ...newRun(id, event),
    agent: event.payload.agent_name,
    // The question stands right above.
    task: task === asked ? null : task,
    parent: event.payload.parent_run_id ?? null,
  });
}

function endRun(view: ThreadView, event: EventOf<"agent_completed">): ThreadView {
  return changeRun(view, event, (run) => {
    const steps = run.steps.map((step): Step => {
      if (step.kind === "tool" && step.status === "executing") {
        return { ...step, status: "abandoned" };
      }
      return step.kind === "answer" ? { ...step, complete: true } : step;
    });
    const final = event.payload.final_response;
    if (final && !steps.some((step) => step.kind === "answer")) {
      steps.push({ kind: "answer", id: event.event_id, text: final, chunks: [], complete: true });
    }
    const error = event.payload.error;
    return {
      ...run,
      steps,
      status: event.payload.status,
      durationMs: event.payload.duration_ms,
      error: error === null || error === undefined ? null : valueWords(error),
    };
  });
}

function closeTool(view: ThreadView, event: EventOf<"tool_completed">): ThreadView {
  const { tool_call_id, tool_name, status, result, error, duration_ms } = event.payload;
  return updateStep(view, event, tool_call_id, (step) => ({
    ...(step?.kind === "tool"
      ? step
      : {
          kind: "tool",
          id: tool_call_id,
          name: tool_name,
          purpose: null,
          parameters: null,
          startedAt: Date.parse(event.timestamp) - duration_ms,
        }),
    status,
    result: result ?? null,
    error: error === null || error === undefined ? null : valueWords(error),
    durationMs: duration_ms,
  }));
}

function answerChunks(step: Step | undefined): Chunks {
  return step?.kind === "answer" ? step.chunks : [];
}

function newRun(id: string, event: AgentEvent): Run {
  return {
    kind: "run",
    id,
    agent: event.agent_name ?? "agent",
    task: null,
    parent: null,
    status: "running",
    startedAt: Date.parse(event.timestamp),
    durationMs: null,
    error: null,
    steps: [],
  };
}

function append(view: ThreadView, item: Item): ThreadView {
  return { ...view, items: [...view.items, item] };
}

/** Changes the event's run; one whose beginning is no longer kept is opened here. */
function changeRun(view: ThreadView, event: AgentEvent, change: (run: Run) => Run): ThreadView {
  const id = event.run_id ?? "";
  const index = view.items.findLastIndex((item) => item.kind === "run" && item.id === id);
  const run = view.items[index];
  if (run?.kind !== "run") {
    return append(view, change(newRun(id, event)));
  }
  return { ...view, items: view.items.with(index, change(run)) };
}

function addStep(view: ThreadView, event: AgentEvent, step: Step): ThreadView {
  if (!event.run_id) {
    return append(view, { kind: "step", id: event.event_id, step });
  }
  return changeRun(view, event, (run) => ({ ...run, steps: [...run.steps, step] }));
}

/** Replaces the step with this id, or adds it. */
function updateStep(
  view: ThreadView,
  event: AgentEvent,
  id: string,
  next: (step: Step | undefined) => Step,
): ThreadView {
  if (event.run_id) {
    return changeRun(view, event, (run) => {
      const index = run.steps.findLastIndex((step) => step.id === id);
      const step = next(run.steps[index]);
      return { ...run, steps: index < 0 ? [...run.steps, step] : run.steps.with(index, step) };
    });
  }
  const index = view.items.findLastIndex((item) => item.kind === "step" && item.step.id === id);
  const item = view.items[index];
  if (item?.kind !== "step") {
    return append(view, { kind: "step", id: event.event_id, step: next(undefined) });
  }
  return { ...view, items: view.items.with(index, { ...item, step: next(item.step) }) };
}

function mapSteps(view: ThreadView, change: (step: Step) => Step): ThreadView {
  return {
    ...view,
    items: view.items.map((item) => {
      switch (item.kind) {
        case "run":
          return item.steps.some((step) => change(step) !== step) ? { ...item, steps: item.steps.map(change) } : item;
        case "step":
          return { ...item, step: change(item.step) };
        default:
          return item;
      }
    }),
  };
}
