import type { HubClientOptions, Validate } from "hubservice-client";

/**
 * In development what is sent and what arrives is checked against the hub's schemas; a build does not contain the checks. The page
 * does not wait for the schemas: nothing is checked until they are here.
 */
export function checks(url: string): Pick<HubClientOptions, "validate"> {
  if (import.meta.env.DEV) {
    let check: Validate | undefined;
    import("hubservice-client/validate")
      .then(async ({ fetchValidator }) => {
        check = await fetchValidator(url);
      })
      .catch((error) => console.warn("Nothing is checked: the hub's schemas are out of reach.", error));
    return { validate: (...message) => check?.(...message) };
  }
  return {};
}
