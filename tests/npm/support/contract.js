// The contract as the service serves it, and a validator for each of its schemas.
import Ajv from "ajv/dist/2020.js";

export class Contract {
  static async load(service) {
    const contract = new Contract();
    const get = (path) => fetch(service.url + path).then((r) => (r.ok ? r.json() : Promise.reject(new Error(`${path}: ${r.status}`))));
    const list = await get("/schemas");
    contract.events = list.events;
    contract.schemas = new Map(await Promise.all(list.schemas.map(async ({ name, url }) => [name, await get(url)])));
    contract.asyncApi = await get("/asyncapi.json");
    contract.validators = new Map();
    return contract;
  }

  /** Strict: a keyword that ajv does not know, or a reference that leads nowhere, throws. */
  validator(name) {
    if (!this.validators.has(name)) {
      // Rules that only name fields whose types stand elsewhere are no mistake of ours; times are described by patterns where they matter.
      const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true, formats: { "date-time": true } });
      this.validators.set(name, ajv.compile(this.schemas.get(name)));
    }
    return this.validators.get(name);
  }

  /** The errors as the service names fields, e.g. payload.attachments[0].url. */
  faults(name, value, root) {
    const validate = this.validator(name);
    if (validate(value)) return [];
    return validate.errors.map((e) => {
      const steps = [...e.instancePath.split("/").slice(1), ...[e.params.missingProperty ?? e.params.additionalProperty ?? []].flat()];
      return steps.reduce((path, step) => (/^\d+$/.test(step) ? `${path}[${step}]` : path ? `${path}.${step}` : step), root);
    });
  }

  /** The example payloads of an event, out of its message. */
  examples(type) {
    return this.asyncApi.components.messages[type].examples.map(({ payload: e }) => e.event?.payload ?? e.payload);
  }
}
