import { durationWords } from "../core/words";
import type { AnyConnection } from "../live/connection";
import { useNow } from "../shell/useNow";

/** A running timer against the server's clock. */
export function Elapsed({ since, connection }: { since: number; connection: AnyConnection }) {
  const now = useNow(true) + connection.clockOffsetMs;
  const tenths = Math.floor(Math.max(0, now - since) / 100) * 100;
  return <span aria-hidden="true">{tenths < 1000 ? `${(tenths / 1000).toFixed(1)} s` : durationWords(tenths)}</span>;
}
