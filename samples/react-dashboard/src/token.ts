import type { SessionToken } from "hubservice-client";

/** Asks the hub for a development token, each time for the same user; an application asks its own sign-in instead. */
export function developmentToken(url: string): SessionToken {
  const subject = `user_${Math.random().toString(36).slice(2)}`;
  return async ({ signal }) => {
    const answer = await fetch(`${url}/api/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ subject }),
      signal,
    });
    if (!answer.ok) {
      throw new Error(`The hub gave no token: ${answer.status}`);
    }
    return ((await answer.json()) as { access_token: string }).access_token;
  };
}
