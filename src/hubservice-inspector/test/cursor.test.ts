import { expect, test } from "vitest";
import { advance, positionText, recovered, rewind, skip, start } from "../src/core/cursor";

const at = (seq: number, epoch = "a") => ({ epoch, seq });

test("The first event of a stream is accepted and gives the epoch", () => {
  expect(advance(start, at(1))).toEqual({ at: at(1), verdict: { kind: "accept" } });
});

test("The next seq is accepted", () => {
  expect(advance(at(7), at(8))).toEqual({ at: at(8), verdict: { kind: "accept" } });
});

test("A seq seen before is a duplicate and moves nothing", () => {
  expect(advance(at(7), at(7)).verdict.kind).toBe("duplicate");
  expect(advance(at(7), at(3))).toEqual({ at: at(7), verdict: { kind: "duplicate" } });
});

test("A seq too high names the gap and goes on from there", () => {
  expect(advance(at(7), at(11))).toEqual({ at: at(11), verdict: { kind: "gap", from: 8, to: 10 } });
});

test("A stream that begins late has a gap at its beginning", () => {
  expect(advance(start, at(4)).verdict).toEqual({ kind: "gap", from: 1, to: 3 });
});

test("The next seq is the next event in another epoch too", () => {
  expect(advance(at(7), at(8, "b"))).toEqual({ at: at(8, "b"), verdict: { kind: "accept" } });
});

test("Another epoch with any other seq is a reset and moves nothing", () => {
  for (const seq of [1, 7, 9]) {
    expect(advance(at(7), at(seq, "b"))).toEqual({ at: at(7), verdict: { kind: "reset" } });
  }
});

test("A recovered position counts in the stream's epoch, unless it moved on meanwhile", () => {
  expect(recovered(at(7), at(7), "b")).toEqual(at(7, "b"));
  expect(recovered(at(8), at(7), "b")).toEqual(at(8));
  expect(recovered(at(8, "b"), at(7), "b")).toEqual(at(8, "b"));
});

test("After history_lost the event behind it is the next one", () => {
  const later = skip(start, 40);
  expect(advance(later, at(41)).verdict.kind).toBe("accept");
  expect(skip(at(50), 40)).toEqual(at(50));
});

test("After a reset the position is never above last_valid", () => {
  expect(rewind(at(90), "b", 60)).toEqual(at(60, "b"));
  expect(rewind(at(30), "b", 60)).toEqual(at(30, "b"));
  expect(advance(rewind(at(90), "b", 60), at(61, "b")).verdict.kind).toBe("accept");
});

test("A position travels as epoch:seq, the very beginning as :0", () => {
  expect(positionText(start)).toBe(":0");
  expect(positionText(at(12))).toBe("a:12");
});
