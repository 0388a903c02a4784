import { useEffect, useMemo } from "react";
import { Project, type ProjectOptions, type ProjectView } from "./project.ts";
import { useSource, useToken } from "./provider.tsx";

/** A command gives false when it was refused; `error` says why. */
export interface UseProjectResult extends ProjectView {
  /** The stage that waits, or the current one, by default. */
  confirm(stageId?: string): Promise<boolean>;
  restart(stageId: string): Promise<boolean>;
  cancelRun(runId: string): Promise<boolean>;
  chat(text: string): Promise<boolean>;
  clearError(): void;
}

/** A project's stages and events; null follows none. */
export function useProject(projectId: string | null, options: ProjectOptions = {}): UseProjectResult {
  const token = useToken(options.sessionToken);
  const { onEvent } = options;
  const key = JSON.stringify([projectId, options.from, token]);
  const { source, value } = useSource<ProjectView, Project>(
    key,
    (client) => new Project(client, projectId, { ...options, ...(token !== undefined && { sessionToken: token }) }),
  );
  useEffect(() => {
    source.onEvent = onEvent;
  }, [source, onEvent]);
  const actions = useMemo(
    () => ({
      confirm: source.confirm.bind(source),
      restart: source.restart.bind(source),
      cancelRun: source.cancelRun.bind(source),
      chat: source.chat.bind(source),
      clearError: source.clearError.bind(source),
    }),
    [source],
  );
  return useMemo(() => ({ ...value, ...actions }), [value, actions]);
}
