/** What the tests of the hooks share: a fake clock, and a page that gives them a client. */
import { act, cleanup } from "@testing-library/react";
import { type ReactNode, StrictMode } from "react";
import { afterEach, beforeEach, vi } from "vitest";
import type { HubClient } from "../../src/index.ts";
import { HubProvider } from "../../src/react/index.ts";

export function fakePage(): void {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
}

export const pass = (ms = 20) => act(() => vi.advanceTimersByTimeAsync(ms));

export function within(client: HubClient, strict = true) {
  return ({ children }: { children: ReactNode }) => {
    const inside = <HubProvider client={client}>{children}</HubProvider>;
    return strict ? <StrictMode>{inside}</StrictMode> : inside;
  };
}
