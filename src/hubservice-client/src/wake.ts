/** Tells when a browser is online or its page visible again, the moments at which waiting any longer makes no sense. */
export function onWake(handler: () => void): () => void {
  if (typeof addEventListener !== "function" || typeof document === "undefined") {
    return () => {};
  }
  const visible = () => document.visibilityState === "visible" && handler();
  addEventListener("online", handler);
  document.addEventListener("visibilitychange", visible);
  return () => {
    removeEventListener("online", handler);
    document.removeEventListener("visibilitychange", visible);
  };
}

/** False only when the browser is sure of it. */
export function isOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}
