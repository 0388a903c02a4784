/** The table is shared with the .NET client, so that both make the same of the same stream. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  advance,
  anchor,
  type Cursor,
  historyLost,
  parsePosition,
  positionText,
  recovered,
  reset,
  type Step,
} from "../src/cursor.ts";

interface Case {
  name: string;
  start: string | null;
  steps: {
    event?: string;
    history_lost?: { from: number; to: number };
    reset?: { epoch: string; last_valid: number };
    anchor?: string;
    recovered?: { asked: string; epoch: string };
    verdict?: string;
    position: string | null;
  }[];
}

const cases = JSON.parse(readFileSync(new URL("../../../tests/cases/cursor.json", import.meta.url), "utf8")) as Case[];

function position(text: string) {
  const parsed = parsePosition(text);
  if (!parsed) {
    throw new Error(`${text} is no position.`);
  }
  return parsed;
}

const verdictOf = (cursor: Cursor, step: Step) =>
  typeof step === "string" ? { verdict: step, cursor } : { verdict: "accept", cursor: step };

function take(cursor: Cursor, step: Case["steps"][number]): { verdict?: string; cursor: Cursor } {
  if (step.event !== undefined) {
    return verdictOf(cursor, advance(cursor, position(step.event)));
  }
  if (step.history_lost) {
    return verdictOf(cursor, historyLost(cursor, step.history_lost));
  }
  if (step.reset) {
    return verdictOf(cursor, reset(cursor, step.reset));
  }
  if (step.anchor !== undefined) {
    return { cursor: anchor(cursor, position(step.anchor)) };
  }
  if (step.recovered) {
    return { cursor: recovered(cursor, position(step.recovered.asked), step.recovered.epoch) };
  }
  throw new Error(`Not a step: ${JSON.stringify(step)}`);
}

test.each(cases)("$name", ({ start, steps }) => {
  let cursor: Cursor = start === null ? null : position(start);
  for (const step of steps) {
    const { verdict, cursor: next } = take(cursor, step);
    expect(verdict).toBe(step.verdict);
    expect(next && positionText(next)).toBe(step.position);
    cursor = next;
  }
});

test("A position may hold colons in its epoch; anything else is none", () => {
  expect(parsePosition("a:b:12")).toEqual({ epoch: "a:b", seq: 12 });
  expect(["", "12", "a:", "a:-1", "a:1x"].map(parsePosition)).toEqual([null, null, null, null, null]);
});
