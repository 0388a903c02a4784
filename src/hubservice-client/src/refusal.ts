import { within } from "./deferred.ts";
import { fromConnection, type HubError } from "./errors.ts";

/** Why a WebSocket was refused, which it does not say itself; a negotiation does. Null when that is let in or not answered. */
export async function refusal(url: string, token: string, timeoutMs: number): Promise<HubError | null> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const asked = fetch(`${url}/negotiate?negotiateVersion=1`, { method: "POST", headers });
    const { ok, status } = await within(asked, timeoutMs);
    return ok ? null : fromConnection(`Status code '${status}'`);
  } catch {
    return null;
  }
}
