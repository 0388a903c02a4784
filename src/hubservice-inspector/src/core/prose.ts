/** The small part of Markdown that agents write. Pure; half-streamed text is fine. */

export type Block =
  | { kind: "paragraph" | "heading" | "code"; text: string }
  | { kind: "list"; ordered: boolean; items: string[] };

export type Span = { kind: "text" | "strong" | "code"; text: string } | { kind: "link"; text: string; href: string };

export function parseBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | null = null;
  let fenced = false;
  const begin = (block: Block) => {
    blocks.push(block);
    open = block;
  };
  for (const line of text.split("\n")) {
    const current = open as Block | null;
    if (line.trimStart().startsWith("```")) {
      fenced = !fenced;
      open = null;
      if (fenced) {
        begin({ kind: "code", text: "" });
      }
      continue;
    }
    if (fenced && current?.kind === "code") {
      current.text += current.text ? `\n${line}` : line;
      continue;
    }
    const heading = /^#{1,6}\s+(.*)$/.exec(line);
    const item = /^\s*(?:([-*•])|\d+[.)])\s+(.*)$/.exec(line);
    if (line.trim() === "") {
      open = null;
    } else if (heading) {
      blocks.push({ kind: "heading", text: heading[1] ?? "" });
      open = null;
    } else if (item) {
      const ordered = item[1] === undefined;
      if (current?.kind === "list" && current.ordered === ordered) {
        current.items.push(item[2] ?? "");
      } else {
        begin({ kind: "list", ordered, items: [item[2] ?? ""] });
      }
    } else if (current?.kind === "list") {
      current.items[current.items.length - 1] += ` ${line.trim()}`;
    } else if (current?.kind === "paragraph") {
      current.text += `\n${line}`;
    } else {
      begin({ kind: "paragraph", text: line });
    }
  }
  return blocks;
}

const marks = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g;

export function parseInline(text: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(marks)) {
    if (match.index > at) {
      spans.push({ kind: "text", text: text.slice(at, match.index) });
    }
    const [whole, code, strong, label, href] = match;
    if (code !== undefined) {
      spans.push({ kind: "code", text: code });
    } else if (strong !== undefined) {
      spans.push({ kind: "strong", text: strong });
    } else if (label !== undefined && href !== undefined) {
      spans.push({ kind: "link", text: label, href });
    }
    at = match.index + whole.length;
  }
  if (at < text.length) {
    spans.push({ kind: "text", text: text.slice(at) });
  }
  return spans;
}
