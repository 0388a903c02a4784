import type { ReactNode } from "react";
import { type Block, parseBlocks, parseInline, type Span } from "../core/prose";

/** An answer: the small part of Markdown that agents write, as elements and never as HTML. */
export function Prose({ text, live }: { text: string; live: boolean }) {
  return (
    <div className="prose" data-live={live}>
      {parseBlocks(text).map((block, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks only grow at the end
        <BlockView key={index} block={block} />
      ))}
    </div>
  );
}

function BlockView({ block }: { block: Block }) {
  switch (block.kind) {
    case "code":
      return <pre>{block.text}</pre>;
    case "heading":
      return <h4>{inline(block.text)}</h4>;
    case "list": {
      const items = block.items.map((item, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items only grow at the end
        <li key={index}>{inline(item)}</li>
      ));
      return block.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
    }
    case "paragraph":
      return <p>{inline(block.text)}</p>;
  }
}

function inline(text: string): ReactNode[] {
  return parseInline(text).map((span, index) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: spans only grow at the end
    return <SpanView key={index} span={span} />;
  });
}

function SpanView({ span }: { span: Span }) {
  switch (span.kind) {
    case "code":
      return <code>{span.text}</code>;
    case "strong":
      return <strong>{span.text}</strong>;
    case "link":
      return (
        <a href={span.href} rel="noreferrer" target="_blank">
          {span.text}
        </a>
      );
    case "text":
      return span.text;
  }
}
