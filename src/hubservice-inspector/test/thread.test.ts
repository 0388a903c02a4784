import type { AgentEvent } from "hubservice-client";
import { expect, test } from "vitest";
import { activeRun, emptyThread, foldThread, markLost, type Run, type ThreadView } from "../src/core/thread";
import { ThreadScript } from "./events";

const fold = (events: AgentEvent[], from = emptyThread) => events.reduce(foldThread, from);
const runOf = (view: ThreadView) => view.items.find((item): item is Run => item.kind === "run");

test("A whole run becomes a question and a timeline with its end", () => {
  const view = fold(new ThreadScript().wholeRun());
  expect(view.items.map((item) => item.kind)).toEqual(["user", "run"]);
  const run = runOf(view);
  expect(run?.status).toBe("success");
  expect(run?.durationMs).toBe(1500);
  expect(run?.steps.map((step) => step.kind)).toEqual(["thought", "tool", "answer"]);
  expect(run?.steps[1]).toMatchObject({ status: "ok", durationMs: 812, result: { status: "shipped" } });
  expect(run?.steps[2]).toMatchObject({ text: "It is on its way.", complete: true });
});

test("While it runs, tools are open and the answer grows", () => {
  const events = new ThreadScript().wholeRun();
  expect(runOf(fold(events.slice(0, 4)))?.steps[1]).toMatchObject({ kind: "tool", status: "executing" });
  const streaming = fold(events.slice(0, 7));
  expect(runOf(streaming)?.steps[2]).toMatchObject({ text: "It is on its way", complete: false });
  expect(activeRun(streaming)?.id).toBe("run_1");
});

test("The task is left out where it repeats the question", () => {
  expect(runOf(fold(new ThreadScript().wholeRun()))?.task).toBeNull();
});

test("A final response stands in for an answer that was not streamed", () => {
  const script = new ThreadScript();
  const view = fold([
    script.event("agent_started", { agent_name: "guide" }),
    script.event("agent_completed", { status: "success", final_response: "Done.", duration_ms: 5 }),
  ]);
  expect(runOf(view)?.steps).toMatchObject([{ kind: "answer", text: "Done." }]);
});

test("An abandoned run closes its open tool", () => {
  const script = new ThreadScript();
  const view = fold([
    script.event("agent_started", { agent_name: "guide" }),
    script.event("tool_executing", { tool_call_id: "c", tool_name: "slow" }),
    script.event("agent_completed", { status: "abandoned", duration_ms: 9 }),
  ]);
  expect(runOf(view)?.status).toBe("abandoned");
  expect(runOf(view)?.steps[0]).toMatchObject({ status: "abandoned" });
  expect(activeRun(view)).toBeUndefined();
});

test("An error inside a run does not end it", () => {
  const script = new ThreadScript();
  const view = fold([
    script.event("agent_started", { agent_name: "guide" }),
    script.event("agent_error", { code: "timeout", message: "The carrier is slow.", recoverable: true }),
  ]);
  expect(runOf(view)?.status).toBe("running");
  expect(runOf(view)?.steps[0]).toMatchObject({ kind: "error", code: "timeout" });
});

test("An input request is answered in its place, also when the answer carries no run", () => {
  const script = new ThreadScript();
  const view = fold([
    script.event("agent_started", { agent_name: "guide" }),
    script.event("input_requested", { request_id: "req_1", prompt: "Refund?", schema: { type: "boolean" } }),
    script.event("input_provided", { request_id: "req_1", value: true }, { run_id: null }),
  ]);
  expect(runOf(view)?.steps).toMatchObject([{ kind: "input", answer: { value: true } }]);
  const over = script.event("input_provided", { request_id: "req_1", value: null, expired: true }, { run_id: null });
  expect(runOf(foldThread(view, over))?.steps).toMatchObject([{ kind: "input", answer: { expired: true } }]);
});

test("Events of a run whose beginning is gone still show", () => {
  const script = new ThreadScript();
  const lost = markLost(emptyThread, 1, 40);
  const view = fold([script.event("agent_thinking", { thought: "Going on" })], lost);
  expect(view.items.map((item) => item.kind)).toEqual(["notice", "run"]);
  expect(runOf(view)?.agent).toBe("guide");
});

test("Folding the kept events again gives the same view", () => {
  const events = new ThreadScript().wholeRun();
  expect(fold(events)).toEqual(fold(events.slice(4), fold(events.slice(0, 4))));
});

test("A thread tells its title and its end", () => {
  const script = new ThreadScript();
  const view = fold([script.event("thread_updated", { title: "Orders" }), script.event("thread_deleted", {})]);
  expect(view).toMatchObject({ title: "Orders", deleted: true });
});
