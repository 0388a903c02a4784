import type { HubClientOptions } from "hubservice-client";

/** In development what is sent and what arrives is checked against the hub's schemas; a build does not contain the checks. */
export async function checks(url: string): Promise<Pick<HubClientOptions, "validate">> {
  if (import.meta.env.DEV) {
    const { fetchValidator } = await import("hubservice-client/validate");
    try {
      return { validate: await fetchValidator(url) };
    } catch (error) {
      console.warn("Nothing is checked: the hub's schemas are out of reach.", error);
    }
  }
  return {};
}
