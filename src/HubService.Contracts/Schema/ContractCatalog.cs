using System.Text.Json;
using HubService.Contracts.Agents;
using HubService.Contracts.Projects;

namespace HubService.Contracts.Schema;

/// <summary>Every event of the contract by kind: what each surface validates, documents and generates from.</summary>
public static class ContractCatalog
{
    /// <summary>The events of <c>/hubs/agent</c>, in the order of the documentation.</summary>
    public static EventCatalog Agents { get; } = new(
        new EventKind("agent", "Any event of a thread or user stream.", typeof(AgentEvent<JsonElement>), typeof(NewAgentEvent)),
        [
            Agent<AgentStarted>("agent_started", critical: true),
            Agent<AgentThinking>("agent_thinking", critical: true),
            Agent<ToolExecuting>("tool_executing", critical: true),
            Agent<ToolCompleted>("tool_completed", critical: true),
            Agent<AgentCompleted>("agent_completed", critical: true),
            Agent<AgentError>("agent_error"),
            Agent<AgentStreaming>("agent_streaming"),
            Agent<AgentMessage>("agent_message"),
            Agent<UserMessage>("user_message"),
            Agent<InputRequested>("input_requested"),
            Agent<InputProvided>("input_provided"),
            Agent<ProgressUpdate>("progress_update"),
            Agent<StatusUpdate>("status_update"),
            Agent<SystemMessage>("system_message"),
            Agent<WarningMessage>("warning_message"),
            Agent<ThreadCreated>("thread_created"),
            Agent<ThreadUpdated>("thread_updated"),
            Agent<ThreadDeleted>("thread_deleted"),
            Agent<FileSelected>("file_selected"),
            Agent<FileProcessing>("file_processing"),
            Agent<FileComplete>("file_complete"),
            Agent<FileError>("file_error"),
            Agent<QuestionAnswer>("question_answer"),
            Agent<VisualizationData>("visualization_data"),
            Agent<AnalysisResult>("analysis_result"),
            Agent<WorkflowGenerated>("workflow_generated"),
            Agent<SopGenerated>("sop_generated"),
            Agent<Custom>("custom"),
        ]);

    /// <summary>The events of <c>/hubs/project</c> that ship; a pipeline may register more.</summary>
    public static EventCatalog Projects { get; } = new(
        new EventKind("project", "Any event of a project stream that ships; a pipeline may add names of its own.", typeof(ProjectEvent<JsonElement>), typeof(NewProjectEvent), TypeField: "name", Body: "event"),
        [
            Project<Hello>("HELLO"),
            Project<StageStatus>("STAGE_STATUS"),
            Project<WaitingConfirmation>("WAITING_CONFIRMATION"),
            Project<PlanProposed>("PLAN_PROPOSED"),
            Project<PlanApproved>("PLAN_APPROVED"),
            Project<FileTreeUpdate>("FILE_TREE_UPDATE"),
            Project<ArtifactAdded>("ARTIFACT_ADDED"),
            Project<PromptParsed>("PROMPT_PARSED"),
            Project<DatasetCandidates>("DATASET_CANDIDATES"),
            Project<DatasetSelected>("DATASET_SELECTED"),
            Project<ModelCandidates>("MODEL_CANDIDATES"),
            Project<ModelSelected>("MODEL_SELECTED"),
            Project<DatasetSampleReady>("DATASET_SAMPLE_READY"),
            Project<ProfileProgress>("PROFILE_PROGRESS"),
            Project<ProfileSummary>("PROFILE_SUMMARY"),
            Project<MissingnessTableReady>("MISSINGNESS_TABLE_READY"),
            Project<TargetDistributionReady>("TARGET_DISTRIBUTION_READY"),
            Project<SplitSummary>("SPLIT_SUMMARY"),
            Project<PreprocessPlan>("PREPROCESS_PLAN"),
            Project<TrainRunStarted>("TRAIN_RUN_STARTED"),
            Project<TrainProgress>("TRAIN_PROGRESS"),
            Project<MetricScalar>("METRIC_SCALAR"),
            Project<LeaderboardUpdated>("LEADERBOARD_UPDATED"),
            Project<BestModelUpdated>("BEST_MODEL_UPDATED"),
            Project<ConfusionMatrixReady>("CONFUSION_MATRIX_READY"),
            Project<RocCurveReady>("ROC_CURVE_READY"),
            Project<ResidualsPlotReady>("RESIDUALS_PLOT_READY"),
            Project<FeatureImportanceReady>("FEATURE_IMPORTANCE_READY"),
            Project<ResourceStats>("RESOURCE_STATS"),
            Project<LogLine>("LOG_LINE"),
            Project<TrainRunFinished>("TRAIN_RUN_FINISHED"),
            Project<EvaluationStarted>("EVALUATION_STARTED"),
            Project<EvaluationMetricsReady>("EVALUATION_METRICS_READY"),
            Project<ClassificationMetricsReady>("CLASSIFICATION_METRICS_READY"),
            Project<RegressionMetricsReady>("REGRESSION_METRICS_READY"),
            Project<PrecisionRecallCurveReady>("PRECISION_RECALL_CURVE_READY"),
            Project<ShapExplanationsReady>("SHAP_EXPLANATIONS_READY"),
            Project<EvaluationComplete>("EVALUATION_COMPLETE"),
            Project<ReportReady>("REPORT_READY"),
            Project<NotebookReady>("NOTEBOOK_READY"),
            Project<CodeWorkspaceReady>("CODE_WORKSPACE_READY"),
            Project<EditSuggestions>("EDIT_SUGGESTIONS"),
            Project<ExportProgress>("EXPORT_PROGRESS"),
            Project<ExportReady>("EXPORT_READY"),
            Project<GdDiagnostic>("GD_DIAGNOSTIC"),
            Project<LossSurfaceSpecReady>("LOSS_SURFACE_SPEC_READY"),
            Project<LossSurfaceGridReady>("LOSS_SURFACE_GRID_READY"),
            Project<GdPathStarted>("GD_PATH_STARTED"),
            Project<GdPathUpdate>("GD_PATH_UPDATE"),
            Project<GdPathFinished>("GD_PATH_FINISHED"),
            Project<GdHyperparams>("GD_HYPERPARAMS"),
        ]);

    /// <summary>What a connection is told about itself; belongs to no stream.</summary>
    public static EventCatalog Sessions { get; } = new(
        new EventKind("session", "Anything a connection is told about itself.", typeof(SessionEvent<JsonElement>)),
        [
            Session<SessionCreated>("session_created"),
            Session<SessionUpdated>("session_updated"),
            Session<SessionExpired>("session_expired"),
            Session<TokenExpiring>("token_expiring"),
            Session<ServerDraining>("server_draining"),
            Session<HistoryLost>("history_lost"),
            Session<StreamReset>("reset"),
        ]);

    /// <summary>The catalogs of every kind: agents, projects, sessions.</summary>
    internal static IReadOnlyList<EventCatalog> Catalogs { get; } = [Agents, Projects, Sessions];

    /// <summary>All of them: agents, projects, sessions.</summary>
    public static IEnumerable<EventDefinition> Everything => Catalogs.SelectMany(c => c.All);

    internal static HubDefinition AgentHub { get; } = new("/hubs/agent", typeof(IAgentHub), typeof(IAgentClient), Agents);

    internal static HubDefinition ProjectHub { get; } = new("/hubs/project", typeof(IProjectHub), typeof(IProjectClient), Projects);

    internal static IReadOnlyList<HubDefinition> Hubs { get; } = [AgentHub, ProjectHub];

    /// <summary>The one method of <see cref="IProjectClient"/> that carries every project event.</summary>
    public const string ProjectClientMethod = nameof(IProjectClient.ProjectEvent);

    private static EventDefinition Agent<TPayload>(string type, bool critical = false) =>
        EventDefinition.Create<TPayload, AgentEvent<TPayload>>(type, ContractNames.ToPascal(type), StreamKind.Thread, critical);

    private static EventDefinition Project<TPayload>(string type) =>
        EventDefinition.Create<TPayload, ProjectEvent<TPayload>>(type, ProjectClientMethod, StreamKind.Project);

    private static EventDefinition Session<TPayload>(string type) =>
        EventDefinition.Create<TPayload, SessionEvent<TPayload>>(type, ContractNames.ToPascal(type), streamKind: null);
}
