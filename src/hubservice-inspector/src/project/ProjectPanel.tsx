import { useState } from "react";
import { Composer } from "../chat/Composer";
import type { Project } from "../live/project";
import { useStore } from "../live/store";
import { ErrorNote } from "../shell/ErrorNote";
import { ArtifactsCard } from "./ArtifactsCard";
import { DataCard } from "./DataCard";
import { ConfusionCard, RocCard } from "./EvaluationCards";
import { Fresh } from "./Fresh";
import { LatestLine, LogCard } from "./LogCard";
import { LeaderboardCard, MetricsCard } from "./MetricCards";
import { ProjectField } from "./ProjectField";
import { StageBanner } from "./StageBanner";
import { Stepper } from "./Stepper";
import { TrainingCard } from "./TrainingCard";

export function ProjectPanel({ project }: { project: Project }) {
  const view = useStore(project.view);
  const pipeline = useStore(project.pipeline);
  const stream = useStore(project.stream);
  const [chosen, setChosen] = useState<{ id: string; while: string } | null>(null);
  // A chosen stage gives way as soon as the pipeline moves on or asks for something.
  const course = `${pipeline.current}/${pipeline.waiting?.stageId ?? ""}`;
  const shown = chosen?.while === course ? chosen.id : pipeline.current;
  const stage = pipeline.stages.find((s) => s.id === shown) ?? pipeline.stages[0];
  const joined = stream?.resume?.state === "done" || (stream?.received ?? 0) > 0;
  return (
    <section className="panel project" id="project-panel" aria-labelledby="project-title">
      <div className="panel-head">
        <h2 id="project-title">Project</h2>
        <ProjectField projectId={view.projectId} onOpen={(id) => project.open(id)} />
        <span className="spacer" />
        <button
          type="button"
          className="button"
          disabled={pipeline.training.status !== "running" || view.busy !== null}
          onClick={() => void project.cancelRun()}
        >
          Cancel run
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard */}
      <section className="project-scroll" tabIndex={0} aria-label="Pipeline">
        <Stepper
          stages={pipeline.stages}
          current={pipeline.current}
          shown={stage?.id ?? ""}
          onChoose={(id) => setChosen({ id, while: course })}
        />
        {pipeline.fresh && joined ? (
          <Fresh busy={view.busy === "chat"} onStart={() => void project.startPipeline()} />
        ) : (
          stage && (
            <StageBanner
              key={stage.id}
              stage={stage}
              stages={pipeline.stages}
              waiting={pipeline.waiting?.stageId === stage.id ? pipeline.waiting : null}
              busy={view.busy !== null}
              onConfirm={() => {
                setChosen(null);
                void project.confirm();
              }}
              onRestart={() => {
                setChosen(null);
                void project.restart(stage.id);
              }}
            />
          )
        )}
        <div className="cards">
          <TrainingCard training={pipeline.training} series={pipeline.series} />
          <ConfusionCard confusion={pipeline.confusion} />
          <RocCard roc={pipeline.roc} />
          <MetricsCard metrics={pipeline.metrics} primary={pipeline.training.metric} />
          <LeaderboardCard rows={pipeline.leaderboard} best={pipeline.best} models={pipeline.models} />
          <DataCard
            dataset={pipeline.dataset}
            profile={pipeline.profile}
            split={pipeline.split}
            importance={pipeline.importance}
          />
          <ArtifactsCard artifacts={pipeline.artifacts} exported={pipeline.exported} exporting={pipeline.exporting} />
          <LogCard log={pipeline.log} />
        </div>
      </section>
      <div className="chat-foot">
        {view.error && <ErrorNote error={view.error} onDismiss={() => project.dismissError()} />}
        <LatestLine log={pipeline.log} />
        <Composer
          label="Message to the project"
          placeholder="Write to the pipeline…"
          busy={view.busy === "chat"}
          onSend={(text) => project.chat(text)}
        />
      </div>
    </section>
  );
}
