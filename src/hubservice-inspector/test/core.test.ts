import { expect, test } from "vitest";
import { chunkText, insertChunk } from "../src/core/chunks";
import { parseBlocks, parseInline } from "../src/core/prose";
import { addPoint, columns, noSeries, seriesOf } from "../src/core/series";
import { durationWords, errorWords, share } from "../src/core/words";

test("Deltas are read in the order of their index, each once", () => {
  const chunks = [
    [0, "a"],
    [2, "c"],
    [1, "b"],
    [1, "b"],
  ] as const;
  expect(chunkText(chunks.reduce((all, [index, text]) => insertChunk(all, index, text), insertChunk([], 0, "a")))).toBe(
    "abc",
  );
});

test("Series of one metric share their steps, holes stay empty", () => {
  let map = addPoint(noSeries, "loss", "val", 2, 0.6);
  map = addPoint(map, "loss", "train", 1, 0.9);
  map = addPoint(map, "loss", "train", 2, 0.5);
  map = addPoint(map, "loss", "train", 2, 0.4);
  const list = seriesOf(map, "loss");
  expect(list.map((series) => series.split)).toEqual(["train", "val"]);
  expect(columns(list)).toEqual([
    [1, 2],
    [0.9, 0.4],
    [null, 0.6],
  ]);
});

test("An error is told in words with the server's own after it", () => {
  const words = errorWords({
    code: "rate_limited",
    message: "20 per second.",
    retryable: true,
    details: { retry_after_ms: 1200 },
  });
  expect(words).toBe("Too many messages in a short time. 20 per second. Try again in 2 s.");
  expect(errorWords({ code: "new_code", message: "Odd.", retryable: false })).toBe("Odd.");
});

test("Durations and shares read naturally", () => {
  expect(durationWords(812)).toBe("812 ms");
  expect(durationWords(61_000)).toBe("1 min 01 s");
  expect([share(0.5), share(50), share(1)]).toEqual([0.5, 0.5, 1]);
});

test("Markdown that is still being written is shown as far as it goes", () => {
  expect(parseBlocks("Two:\n- one\n- tw")).toEqual([
    { kind: "paragraph", text: "Two:" },
    { kind: "list", ordered: false, items: ["one", "tw"] },
  ]);
  expect(parseBlocks("```sh\nls")).toEqual([{ kind: "code", text: "ls" }]);
  expect(parseInline("**open `x`")).toEqual([
    { kind: "text", text: "**open " },
    { kind: "code", text: "x" },
  ]);
});

test("Only http links become links", () => {
  expect(parseInline("[x](javascript:alert(1))").every((span) => span.kind === "text")).toBe(true);
  expect(parseInline("[x](https://example.org/a)")).toEqual([
    { kind: "link", text: "x", href: "https://example.org/a" },
  ]);
});
