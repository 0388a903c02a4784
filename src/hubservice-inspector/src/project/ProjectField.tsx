import { useEffect, useState } from "react";
import { validId } from "../live/hash";

export function ProjectField({ projectId, onOpen }: { projectId: string; onOpen: (id: string) => void }) {
  const [text, setText] = useState(projectId);
  useEffect(() => setText(projectId), [projectId]);
  const valid = validId(text.trim());
  return (
    <form
      className="project-field"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) {
          onOpen(valid);
        }
      }}
    >
      <input
        className="field mono"
        aria-label="Project id"
        aria-invalid={valid === null}
        title="1 to 128 letters, digits, dots, underscores and hyphens"
        value={text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button" disabled={!valid || valid === projectId}>
        Open
      </button>
    </form>
  );
}
