import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

interface Stick<Element> {
  ref: RefObject<Element | null>;
  onScroll: () => void;
  atBottom: boolean;
  toBottom: () => void;
}

/** Keeps a scroll area at its end while its reader is there, and leaves it alone when not. */
export function useStickToBottom<Element extends HTMLElement>(content: unknown): Stick<Element> {
  const ref = useRef<Element>(null);
  const stuck = useRef(true);
  const [atBottom, setAtBottom] = useState(true);

  const toBottom = useCallback(() => {
    const area = ref.current;
    if (area) {
      area.scrollTop = area.scrollHeight;
    }
  }, []);

  const onScroll = useCallback(() => {
    const area = ref.current;
    if (area) {
      stuck.current = area.scrollHeight - area.scrollTop - area.clientHeight < 24;
      setAtBottom(stuck.current);
    }
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the content is what moves the end
  useLayoutEffect(() => {
    if (stuck.current) {
      toBottom();
    }
  }, [content, toBottom]);

  // A form that opens or a window that turns moves the end as well.
  useEffect(() => {
    const area = ref.current;
    if (!area || typeof ResizeObserver === "undefined") {
      return;
    }
    const sizes = new ResizeObserver(() => stuck.current && toBottom());
    sizes.observe(area);
    return () => sizes.disconnect();
  }, [toBottom]);

  return { ref, onScroll, atBottom, toBottom };
}
