/** Tells when a browser is online or its page visible again, the moments at which waiting any longer makes no sense. */
export function onWake(handler: () => void, until: AbortSignal): void {
  if (globalThis.document) {
    const visible = () => document.visibilityState === "visible" && handler();
    addEventListener("online", handler, { signal: until });
    document.addEventListener("visibilitychange", visible, { signal: until });
  }
}

/** False only when the browser is sure of it. */
export function isOnline(): boolean {
  return globalThis.navigator?.onLine !== false;
}
