import { type FormEvent, useState } from "react";
import type { InputRequest, InputSchema } from "../core/thread";
import { titleCase, valueWords } from "../core/words";

interface InputFormProps {
  request: InputRequest;
  onProvide: (value: unknown) => Promise<boolean>;
}

/** A person in the loop: draws what the schema asks for, a text field when it says nothing. */
export function InputForm({ request, onProvide }: InputFormProps) {
  const schema: InputSchema = request.schema ?? { type: "string" };
  const fields = schema.type === "object" && schema.properties ? Object.entries(schema.properties) : null;
  const [values, setValues] = useState<Record<string, unknown>>(() => initialValues(schema));
  const [busy, setBusy] = useState(false);

  if (request.answer) {
    return (
      <div className="input-done">
        <p>{request.prompt}</p>
        <p>
          <span className="muted">{request.answer.expired ? "Nobody answered in time." : "Answered: "}</span>
          {!request.answer.expired && choiceWords(request.answer.value)}
        </p>
      </div>
    );
  }

  const provide = async (value: unknown) => {
    setBusy(true);
    await onProvide(value);
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void provide(fields ? values : values[""]);
  };
  const choices = schema.enum ?? (schema.type === "boolean" ? [true, false] : null);

  return (
    <form className="input-form" onSubmit={submit}>
      <p className="input-prompt">{request.prompt}</p>
      {choices ? (
        <div className="choices">
          {choices.map((choice) => (
            <button
              key={String(choice)}
              type="button"
              className={choice === choices[0] ? "button primary" : "button"}
              disabled={busy}
              onClick={() => void provide(choice)}
            >
              {choiceWords(choice)}
            </button>
          ))}
        </div>
      ) : (
        <>
          {(fields ?? [["", schema] as const]).map(([name, field]) => (
            <Field
              key={name}
              id={`${request.id}-${name}`}
              label={field.title ?? (name ? titleCase(name) : "Your answer")}
              schema={field}
              required={name === "" || (schema.required?.includes(name) ?? false)}
              value={values[name]}
              onChange={(value) => setValues({ ...values, [name]: value })}
            />
          ))}
          <button type="submit" className="button primary" disabled={busy}>
            Answer
          </button>
        </>
      )}
    </form>
  );
}

interface FieldProps {
  id: string;
  label: string;
  schema: InputSchema;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

function Field({ id, label, schema, required, value, onChange }: FieldProps) {
  if (schema.type === "boolean") {
    return (
      <label className="check">
        <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} />
        {label}
      </label>
    );
  }
  const numeric = schema.type === "number" || schema.type === "integer";
  return (
    <label htmlFor={id} className="labelled">
      <span>{label}</span>
      {schema.enum ? (
        <select
          id={id}
          className="field"
          value={String(value)}
          onChange={(event) => onChange(schema.enum?.find((choice) => String(choice) === event.target.value))}
        >
          {schema.enum.map((choice) => (
            <option key={String(choice)} value={String(choice)}>
              {choiceWords(choice)}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          className="field"
          type={numeric ? "number" : "text"}
          step={schema.type === "integer" ? 1 : "any"}
          min={schema.minimum}
          max={schema.maximum}
          required={required}
          value={value === undefined ? "" : String(value)}
          onChange={(event) =>
            onChange(numeric && event.target.value !== "" ? Number(event.target.value) : event.target.value)
          }
        />
      )}
    </label>
  );
}

function initialValues(schema: InputSchema): Record<string, unknown> {
  const fields = schema.type === "object" && schema.properties ? schema.properties : { "": schema };
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, field.default ?? field.enum?.[0] ?? emptyValue(field)]),
  );
}

function emptyValue(schema: InputSchema): unknown {
  return schema.type === "boolean" ? false : schema.type === "string" ? "" : undefined;
}

function choiceWords(choice: unknown): string {
  return choice === true ? "Yes" : choice === false ? "No" : valueWords(choice);
}
