// Generated from the records of HubService.Contracts; do not edit. PROTOCOL.md there tells how to write it anew.
// biome-ignore-all format: generated
// A field with `?` may be absent; what clients may send as null says so.

export const contractVersion = 1;

const codes = {
  unauthorized: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  /** Missing, or not yours: the answer is the same. */
  not_found: { status: 404, retryable: false },
  invalid_json: { status: 400, retryable: false },
  /** A field is missing, of the wrong type or out of range; `details.field` names it. */
  invalid_message: { status: 422, retryable: false },
  unknown_type: { status: 422, retryable: false },
  invalid_recipient: { status: 422, retryable: false },
  payload_too_large: { status: 413, retryable: false },
  nesting_too_deep: { status: 400, retryable: false },
  /** `details.retry_after_ms` says when. */
  rate_limited: { status: 429, retryable: true },
  connection_limit: { status: 429, retryable: true },
  subscription_limit: { status: 429, retryable: false },
  run_not_started: { status: 409, retryable: false },
  run_closed: { status: 409, retryable: false },
  tool_not_executing: { status: 409, retryable: false },
  run_conflict: { status: 409, retryable: false },
  invalid_stage: { status: 422, retryable: false },
  stage_conflict: { status: 409, retryable: false },
  agent_not_available: { status: 503, retryable: true },
  /** Nothing was written. */
  store_unavailable: { status: 503, retryable: true },
  /** Nothing was written; the disk or the memory limit is full. */
  store_full: { status: 507, retryable: true },
  /** It may or may not have been written; retry with the same event_id. */
  outcome_unknown: { status: 503, retryable: true },
  draining: { status: 503, retryable: true },
  internal: { status: 500, retryable: true },
} as const;

export type ErrorCode = keyof typeof codes;

/** Every error code with the HTTP status that carries it; retryable: the same request may succeed later, unchanged. Undefined for a code of a later service. */
export const errorCodes: typeof codes & { readonly [code: string]: { readonly status: number; readonly retryable: boolean } | undefined } = codes;

/** The answer of methods that only accept. */
export interface Accepted {
  readonly duplicate?: boolean;
  readonly seq?: number;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** The last event of its run: exactly one, after every tool call was closed. */
export interface AgentCompleted {
  readonly status: RunStatus;
  /** Since agent_started, milliseconds. */
  readonly duration_ms: number;
  readonly result?: unknown;
  /** The answer as text. */
  readonly final_response?: string | null;
  /** For a person to read; set when the run failed. */
  readonly error?: string | null;
  /** Free, e.g. `input_tokens`, `output_tokens`. */
  readonly usage?: Readonly<Record<string, unknown>> | null;
}

/** Something went wrong; the run goes on until agent_completed. */
export interface AgentError {
  /** Machine-readable, e.g. `llm_timeout`. */
  readonly code: string;
  readonly message: string;
  readonly recoverable: boolean;
  readonly recovery_suggestions?: readonly string[] | null;
  /** When a retry makes sense, milliseconds. */
  readonly retry_after_ms?: number | null;
}

/** A message in full; closes the stream of its message_id. */
export interface AgentMessage {
  readonly message_id: string;
  readonly role: MessageRole;
  readonly text: string;
  readonly attachments?: readonly FileRef[] | null;
}

/** The first event of its run. */
export interface AgentStarted {
  readonly agent_name: string;
  /** What the agent set out to do, one line. */
  readonly task?: string | null;
  /** The run that started this one. */
  readonly parent_run_id?: RunId | null;
  readonly context?: Readonly<Record<string, unknown>> | null;
}

/** One piece of a message that is still being written. */
export interface AgentStreaming {
  readonly message_id: string;
  /** The text to append. */
  readonly delta: string;
  /** 0-based and gapless within the message. */
  readonly stream_index: number;
}

/** One thought of an agent at work. */
export interface AgentThinking {
  readonly thought: string;
  readonly step?: number | null;
  readonly total_steps?: number | null;
  /** Share of the run that is done, 0 to 1. */
  readonly progress?: number | null;
  readonly current_operation?: string | null;
}

/** What an analysis found. */
export type AnalysisResult = Readonly<Record<string, unknown>>;

export interface Artifact {
  readonly id: string;
  /** E.g. `confusion_matrix`. */
  readonly type: string;
  readonly name: string;
  readonly url: string;
  readonly meta?: Readonly<Record<string, unknown>> | null;
}

export interface ArtifactAdded {
  readonly artifact: Artifact;
}

export interface BestModelUpdated {
  readonly run_id: string;
  readonly model_id: string;
  readonly metric: MetricValue;
}

/** The hub asks a worker to stop a run; it answers with `agent_completed` status `cancelled`, or the hub does. */
export interface CancelRequest {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  readonly reason?: string;
}

export interface ChatRequest {
  readonly project_id: ProjectId;
  readonly text: string;
  readonly user_id: string;
}

/** Scores of a classifier; null where a score does not apply. */
export interface ClassificationMetricsReady {
  readonly run_id: string;
  readonly accuracy: number;
  readonly balanced_accuracy: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly mcc: number;
  readonly cohen_kappa: number;
  readonly n_classes: number;
  /** Texts or numbers; the per-class lists have the same order. */
  readonly class_labels: readonly unknown[];
  /** Samples per label. */
  readonly class_distribution: Readonly<Record<string, number>>;
  readonly roc_auc?: number | null;
  readonly log_loss?: number | null;
  readonly average_precision?: number | null;
  readonly specificity?: number | null;
  readonly sensitivity?: number | null;
  readonly precision_per_class?: readonly number[] | null;
  readonly recall_per_class?: readonly number[] | null;
  readonly f1_per_class?: readonly number[] | null;
}

export interface CodeWorkspaceReady {
  readonly files: readonly ProjectFile[];
}

/** The body of a command over HTTP. */
export interface CommandBody {
  readonly name: string;
  readonly args?: unknown;
}

/** A custom command for the worker; it answers with `CompleteCommand(command_id, …)`. */
export interface CommandRequest {
  readonly project_id: ProjectId;
  readonly command_id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>> | null;
  readonly user_id: string;
}

export interface CommandResult {
  /** What the worker answered to a custom command; the new state for the built-in ones. */
  readonly result?: unknown;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** The body of a confirmation over HTTP; may be empty. */
export interface ConfirmRequest {
  /** The stage the person saw. */
  readonly stage_id?: string | null;
}

/** A confusion matrix by URL, inline, or both. */
export interface ConfusionMatrixReady {
  readonly asset_url?: string | null;
  readonly run_id?: string | null;
  /** Rows are true labels, columns predicted ones. */
  readonly matrix?: readonly (readonly number[])[] | null;
  /** Texts or numbers, in the matrix's order. */
  readonly labels?: readonly unknown[] | null;
  readonly true_positives?: number | null;
  readonly true_negatives?: number | null;
  readonly false_positives?: number | null;
  readonly false_negatives?: number | null;
}

export interface CreateThread {
  readonly title?: string | null;
  readonly members?: readonly string[] | null;
  readonly realm?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/** The open door for what has no type of its own. */
export interface Custom {
  readonly name: string;
  readonly value: unknown;
}

/** A data set to choose from. */
export interface DatasetCandidate {
  readonly id?: string | null;
  readonly name?: string | null;
  /** Where it comes from, e.g. `hf`. */
  readonly source?: string | null;
  readonly desc?: string | null;
  readonly meta?: Readonly<Record<string, unknown>> | null;
}

export interface DatasetCandidates {
  readonly datasets: readonly DatasetCandidate[];
  readonly count?: number | null;
}

export interface DatasetSampleReady {
  readonly asset_url: string;
  readonly columns: readonly string[];
  readonly n_rows: number;
}

export interface DatasetSelected {
  readonly dataset_id: string;
}

export interface EditSuggestions {
  readonly suggestions: readonly unknown[];
}

export interface EvaluationArtifact {
  readonly type: string;
  readonly url: string;
}

/** The evaluation in one event. */
export interface EvaluationComplete {
  readonly run_id: string;
  readonly task_type: string;
  readonly primary_metric: string;
  readonly primary_value: number;
  readonly all_metrics: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly EvaluationArtifact[];
  readonly shap_available: boolean;
}

/** Metrics of a task that has no event of its own; further fields are free. */
export interface EvaluationMetricsReady {
  readonly run_id: string;
}

export interface EvaluationStarted {
  readonly run_id: string;
  /** `classification` or `regression`. */
  readonly task_type: string;
  readonly message: string;
}

/** A page of a stream in order. */
export interface EventPage<TEvent = unknown> {
  readonly events: readonly TEvent[];
  readonly epoch?: string;
  /** The newest seq of the stream. */
  readonly head?: number;
  /** Set when events between were lost to retention. */
  readonly history_lost?: HistoryLost;
  /** Set when the asked position belongs to another life of the stream. */
  readonly reset?: StreamReset;
  /** Ask for the next page after this position; null when the page reaches the head. */
  readonly next?: StreamPosition;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** How far the export is. */
export interface ExportProgress {
  /** Share 0 to 1, or percent 0 to 100, as the pipeline counts. */
  readonly pct: number;
  readonly message: string;
}

export interface ExportReady {
  readonly asset_url: string;
  /** The file names inside. */
  readonly contents: readonly string[];
  /** E.g. `sha256:…`. */
  readonly checksum: string;
}

/** Feature importances by URL, inline, or both. */
export interface FeatureImportanceReady {
  readonly asset_url?: string | null;
  readonly run_id?: string | null;
  readonly features?: readonly FeatureWeight[] | null;
  /** `model`, `permutation` or `shap`. */
  readonly method?: string | null;
}

export interface FeatureWeight {
  readonly feature: string;
  readonly importance: number;
}

/** A file is ready. */
export interface FileComplete {
  readonly file: FileRef;
  readonly progress?: number | null;
  readonly error?: string | null;
}

/** A file could not be processed. */
export interface FileError {
  readonly file: FileRef;
  readonly progress?: number | null;
  /** Why, for a person to read. */
  readonly error?: string | null;
}

/** A file is being worked on. */
export interface FileProcessing {
  readonly file: FileRef;
  /** 0 to 1. */
  readonly progress?: number | null;
  readonly error?: string | null;
}

/** A file by reference; content above 64 KB never travels inline. */
export interface FileRef {
  readonly uuid: string;
  readonly name: string;
  readonly url: string;
}

/** A file was chosen for the conversation. */
export interface FileSelected {
  readonly file: FileRef;
  readonly progress?: number | null;
  readonly error?: string | null;
}

/** The project's files as they are now. */
export interface FileTreeUpdate {
  readonly files: readonly ProjectFile[];
}

/** Norms of one optimisation step. */
export interface GdDiagnostic {
  readonly run_id: string;
  readonly step: number;
  /** Numbers: `lr`, `weight_l2`, `grad_l2`, `update_l2`, `batch_size`. */
  readonly diagnostics: Readonly<Record<string, unknown>>;
}

export interface GdHyperparams {
  readonly run_id: string;
  /** Learning rate. */
  readonly eta: number;
  readonly steps: number;
  readonly tolGrad?: number | null;
  readonly tolStep?: number | null;
}

export interface GdPathFinished {
  readonly run_id: string;
  readonly final_step: number;
  /** `converged`, `max_steps`, `cancelled` or `error`. */
  readonly reason: string;
}

export interface GdPathStarted {
  readonly run_id: string;
  /** E.g. `normalized`. */
  readonly space: string;
  readonly point0: SurfacePoint;
  readonly domainHalf?: number | null;
}

export interface GdPathUpdate {
  readonly run_id: string;
  readonly space: string;
  readonly step_start: number;
  readonly points: readonly SurfacePoint[];
}

/** The greeting of a joiner; sent to that connection alone and takes no seq. */
export interface Hello {
  readonly message: string;
  readonly project_id: string;
  /** ISO 8601. */
  readonly server_time: string;
}

/** The events `from..to` are gone by retention; the next event is `to + 1`. */
export interface HistoryLost {
  readonly stream: string;
  readonly from: number;
  readonly to: number;
}

/** Why an input was refused: the same on every surface. */
export interface HubError {
  /** One of `ErrorCodes`. */
  readonly code: ErrorCode | (string & Record<never, never>);
  /** For a developer to read; names the field where one is at fault. */
  readonly message: string;
  /** True when the same request may succeed later. */
  readonly retryable: boolean;
  /** Code-specific facts, e.g. `field`, `limit`, `retry_after_ms`, `applied`. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Finds the request in the traces. */
  readonly trace_id?: string;
}

/** The answer to an input_requested, or its end without one. */
export interface InputProvided {
  readonly request_id: string;
  readonly value: unknown;
  /** True when nobody answered in time; the value is null then. */
  readonly expired?: boolean | null;
}

/** An agent waits for a person, who answers with ProvideInput. */
export interface InputRequested {
  readonly request_id: string;
  readonly prompt: string;
  /** JSON Schema of the expected value. Advice for the form: the hub takes any value, the agent checks it. */
  readonly schema?: Readonly<Record<string, unknown>> | null;
  /** After this time the answer is no longer awaited, UTC; the hub then closes the request. */
  readonly expires_at?: string | null;
}

export interface LeaderboardRow {
  readonly model: string;
  readonly metric: number;
  readonly params?: Readonly<Record<string, unknown>> | null;
  /** Seconds. */
  readonly runtime_s?: number | null;
}

/** The models so far, in the pipeline's order. */
export interface LeaderboardUpdated {
  readonly rows: readonly LeaderboardRow[];
}

/** The answer to Heartbeat. */
export interface LeaseResult {
  readonly lease_until?: string;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** One line of a run's log; `run_id` is `chat` for the conversation and `system` for the hub. */
export interface LogLine {
  readonly run_id: string;
  /** `info`, `warn` or `error`, in any case. */
  readonly level: string;
  readonly text: string;
  /** E.g. `chat`. */
  readonly source?: string | null;
}

/** A loss surface as a grid by URL. */
export interface LossSurfaceGridReady {
  readonly run_id: string;
  readonly asset_url: string;
  /** E.g. `float32`. */
  readonly grid_format: string;
  /** Points per axis. */
  readonly resolution: number;
  readonly domainHalf?: number | null;
  readonly zScale?: number | null;
}

export interface LossSurfaceSpecReady {
  readonly run_id: string;
  readonly surface_spec: SurfaceSpec;
}

export interface MessageAccepted {
  readonly thread_id?: ThreadId;
  readonly message_id?: string;
  readonly seq?: number;
  readonly duplicate: boolean;
  /** The run that will answer, when the message was routed to an agent. */
  readonly run_id?: RunId;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** The hub hands a worker a user's message. The worker answers in a run with this run_id. */
export interface MessageRequest {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  readonly user_id: string;
  readonly agent: string;
  readonly message_id: string;
  readonly text: string;
  readonly file?: FileRef;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Who speaks in a message. */
export type MessageRole = "user" | "assistant" | "system" | "tool";

/** One point of a metric's curve. */
export interface MetricScalar {
  readonly run_id: string;
  readonly name: string;
  /** `train`, `val` or `test`. */
  readonly split: string;
  readonly step: number;
  readonly value: number;
}

/** A metric: on the wire a bare number, or `{name, split, value}`. */
export type MetricValue = number | { readonly name?: string | null; readonly split?: string | null; readonly value: number; };

export interface MissingnessTableReady {
  readonly asset_url: string;
}

/** A model to choose from. */
export interface ModelCandidate {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  /** Why it is a candidate, for a person to read. */
  readonly why: string;
  readonly requirements?: unknown;
}

export interface ModelCandidates {
  readonly models: readonly ModelCandidate[];
}

export interface ModelSelected {
  readonly model_id: string;
}

export interface NotebookReady {
  readonly asset_url: string;
}

/** What a worker asked a person to confirm. */
export interface PendingConfirmation {
  readonly stage_id: string;
  readonly summary: string;
  readonly next_actions: readonly string[];
}

export interface PlanApproved {
  readonly stage_id: string;
}

export interface PlanProposed {
  readonly stage_id: string;
  readonly plan_json: Readonly<Record<string, unknown>>;
}

/** The answer to Ping: unix milliseconds. */
export interface Pong {
  readonly ts: number;
  readonly server_ts: number;
  readonly node?: string;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

export interface PrecisionRecallCurveReady {
  readonly run_id: string;
  readonly precision: readonly number[];
  readonly recall: readonly number[];
  readonly thresholds: readonly number[];
  readonly average_precision: number;
  readonly asset_url?: string | null;
}

export interface PreprocessPlan {
  readonly steps: readonly unknown[];
}

/** Who follows a stream now, over all nodes that answer within 2 s. */
export interface PresenceResult {
  /** In the order of their ids; whoever follows, whatever the role. */
  readonly users: readonly PresentUser[];
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** Somebody who follows a stream. */
export interface PresentUser {
  /** The subject of the token. */
  readonly user_id: string;
  /** How many connections with a subscription to the stream, or responses of server-sent events. */
  readonly connections: number;
}

/** How far profiling is. */
export interface ProfileProgress {
  readonly phase: string;
  /** Share 0 to 1, or percent 0 to 100, as the pipeline counts. */
  readonly pct: number;
}

/** The profile of the data: the counts, or the whole of it under `profile`. */
export interface ProfileSummary {
  readonly n_rows?: number | null;
  readonly n_cols?: number | null;
  readonly missing_pct?: number | null;
  /** Columns per type. */
  readonly types_breakdown?: Readonly<Record<string, number>> | null;
  readonly warnings?: readonly string[] | null;
  readonly profile?: unknown;
}

/** How far something is. */
export interface ProgressUpdate {
  /** 0 to 1. */
  readonly progress: number;
  readonly message?: string | null;
}

/** The hub asks a worker to stop its run; it answers with `TRAIN_RUN_FINISHED` status `cancelled`, or the hub does. */
export interface ProjectCancelRequest {
  readonly project_id: ProjectId;
  readonly run_id: string | null;
  readonly user_id: string;
  /** The attempt that was under way when the person asked; null before the first. It comes after the attempt's `StageRequest`. */
  readonly attempt?: number;
}

export interface ProjectFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  /** `file` or `directory`. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  readonly sha?: string | null;
}

/** One project, that is one pipeline over fixed stages. Same characters as a `ThreadId`. */
export type ProjectId = string;

/** Where a project stands. */
export interface ProjectState {
  readonly project_id?: ProjectId;
  readonly current_stage?: StageState;
  readonly stages: readonly StageState[];
  readonly waiting_confirmation?: PendingConfirmation;
  /** Everything up to here is in this state. */
  readonly position?: StreamPosition;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** What the prompt asks for. */
export interface PromptParsed {
  /** E.g. `classification`, `regression`. */
  readonly task_type: string;
  readonly target?: string | null;
  readonly dataset_hint?: string | null;
  readonly constraints?: Readonly<Record<string, unknown>> | null;
}

/** What became of one published event. */
export interface PublishResult {
  readonly seq?: number;
  readonly epoch?: string;
  readonly event_id?: string;
  /** True when an event with this id was accepted before; `PublishResult.seq` is the original one. */
  readonly duplicate: boolean;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** The answer to a publish: one result per event, in order; `HubResult.error` when the whole call was refused. */
export interface PublishResults {
  readonly results: readonly PublishResult[];
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** A question with its answer, e.g. `{question, answer}`. */
export type QuestionAnswer = Readonly<Record<string, unknown>>;

/** Scores of a regressor, in the unit of the target. */
export interface RegressionMetricsReady {
  readonly run_id: string;
  readonly mse: number;
  readonly rmse: number;
  readonly mae: number;
  readonly median_ae: number;
  readonly r2: number;
  readonly explained_variance: number;
  readonly max_error: number;
  readonly n_samples: number;
  readonly mape?: number | null;
  readonly smape?: number | null;
}

export interface ReportReady {
  readonly asset_url: string;
}

export interface ResidualsPlotReady {
  readonly asset_url: string;
}

/** What a run uses: percent, megabytes. */
export interface ResourceStats {
  readonly run_id: string;
  readonly cpu_pct: number;
  readonly ram_mb: number;
  readonly gpu_pct?: number | null;
  readonly vram_mb?: number | null;
  readonly step_per_sec?: number | null;
}

/** A ROC curve by URL, inline, or both. */
export interface RocCurveReady {
  readonly asset_url?: string | null;
  readonly run_id?: string | null;
  readonly fpr?: readonly number[] | null;
  readonly tpr?: readonly number[] | null;
  readonly thresholds?: readonly number[] | null;
  readonly auc?: number | null;
}

export interface RunAccepted {
  readonly thread_id?: ThreadId;
  readonly run_id?: RunId;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** One execution by one agent in a thread, or one pipeline execution. Never a recipient: publish to the thread. */
export type RunId = string;

/** The hub asks a worker to run an agent. The worker publishes `agent_started` with this run_id. */
export interface RunRequest {
  readonly run_id: RunId;
  readonly thread_id: ThreadId;
  readonly user_id: string;
  readonly agent: string;
  readonly user_request: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** How a run ended; `abandoned` is the hub's word for a worker that went away. */
export type RunStatus = "success" | "failed" | "cancelled" | "abandoned";

/** A user's message. Without `thread_id` a thread is created. */
export interface SendMessage {
  /** 1 to 32,000 characters. */
  readonly text: string;
  readonly thread_id?: ThreadId | null;
  /** Makes a retry safe: the same id is accepted once. */
  readonly message_id?: string | null;
  /** `guide`, `liaison:{pillar}` or an agent name. Without it the guide answers when one is there. */
  readonly target?: string | null;
  readonly file?: FileRef | null;
  readonly attachments?: readonly FileRef[] | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/** The node stops: reconnect within this time; the position stays valid. */
export interface ServerDraining {
  readonly reconnect_within_ms: number;
}

export interface SessionCreated {
  readonly session_id: string;
  readonly expires_at?: string;
}

export interface SessionExpired {
  readonly session_id: string;
}

export interface SessionUpdated {
  readonly session_id: string;
  readonly expires_at?: string;
}

/** SHAP values, or why there are none. */
export interface ShapExplanationsReady {
  readonly run_id: string;
  readonly available: boolean;
  readonly feature_names?: readonly string[] | null;
  /** Mean absolute value per feature, as a map or in the order of the names. */
  readonly global_importance?: unknown;
  readonly importance_ranking?: unknown;
  readonly message?: string | null;
  readonly asset_url?: string | null;
}

/** A standard operating procedure, e.g. `{sop_id, url}`. */
export type SopGenerated = Readonly<Record<string, unknown>>;

/** Rows per part of the split. */
export interface SplitSummary {
  readonly train_rows: number;
  readonly val_rows: number;
  readonly test_rows: number;
  readonly stratified: boolean;
  readonly seed: number;
}

/** The project's current stage when the event was accepted. */
export interface StageRef {
  readonly id: string;
  /** 0-based place in the pipeline. */
  readonly index: number;
  /** One of `StageStatuses`. */
  readonly status: "PENDING" | "IN_PROGRESS" | "WAITING_CONFIRMATION" | "COMPLETED" | "FAILED" | "SKIPPED";
}

/** The hub asks a worker to execute a stage. */
export interface StageRequest {
  readonly project_id: ProjectId;
  readonly stage_id: string;
  /** `confirmed`, `restarted` or `resumed`. */
  readonly reason: string;
  /** Numbers the confirmations and restarts of a project. What the worker reports with it is refused with stage_conflict once a newer attempt has begun; null when nobody has confirmed or restarted a stage yet. */
  readonly attempt?: number;
}

/** A stage of a project with its status and the newest message about it. */
export interface StageState {
  readonly id: string;
  readonly index: number;
  readonly status: "PENDING" | "IN_PROGRESS" | "WAITING_CONFIRMATION" | "COMPLETED" | "FAILED" | "SKIPPED";
  readonly message: string;
}

/** A stage changed. Pipelines also report steps or results under this name without a stage_id; clients skip those. */
export interface StageStatus {
  readonly stage_id?: string | null;
  /** One of `StageStatuses` when stage_id is set. */
  readonly status?: string | null;
  readonly message?: string | null;
  readonly stage?: string | null;
  readonly details?: unknown;
  readonly action?: unknown;
  readonly steps?: unknown;
  readonly step_count?: number | null;
  readonly evaluation?: unknown;
  readonly export?: unknown;
  /** The `StageRequest.attempt` it belongs to; refused with stage_conflict when another one is under way. */
  readonly attempt?: number | null;
}

/** Asks for a run without a chat message. */
export interface StartAgent {
  readonly user_request: string;
  readonly thread_id?: ThreadId | null;
  /** As `SendMessage.target`; `guide` when absent. */
  readonly agent?: string | null;
  readonly context?: Readonly<Record<string, unknown>> | null;
  readonly settings?: Readonly<Record<string, unknown>> | null;
}

/** What state something is in, in the product's own words. */
export interface StatusUpdate {
  readonly status: string;
  readonly message?: string | null;
}

/** A place in a stream: everything up to and including `seq` of `epoch` has been seen. As text `epoch:seq`, also the `id` of a server-sent event. An empty epoch with seq 0 is the very beginning. */
export type StreamPosition = string;

/** The stream lives on under another epoch; discard what you hold above `last_valid`. With an empty epoch the subscription has ended, because the stream is no longer yours to read; Subscribe says more. */
export interface StreamReset {
  readonly stream: string;
  readonly epoch: string;
  readonly last_valid: number;
}

/** The answer to Subscribe. The missed events arrive after it and before any newer one. */
export interface SubscribeResult {
  readonly epoch?: string;
  /** The stream's newest seq when the subscription began. */
  readonly seq?: number;
  /** True when every event since the asked position follows; false when a `history_lost` or `reset` comes first. */
  readonly recovered?: boolean;
  /** How many missed events will be replayed. */
  readonly replayed?: number;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

export interface SurfacePoint {
  readonly x: number;
  readonly y: number;
}

/** A loss surface that the client computes itself. */
export interface SurfaceSpec {
  /** E.g. `bowl`. */
  readonly kind: string;
  readonly params?: Readonly<Record<string, unknown>> | null;
  /** The surface spans minus this to plus this on both axes. */
  readonly domainHalf?: number | null;
  readonly zScale?: number | null;
}

/** A notice from the product, not from an agent. */
export interface SystemMessage {
  readonly text: string;
  readonly code?: string | null;
}

export interface TargetDistributionReady {
  readonly asset_url: string;
}

/** Changes a thread; what is absent stays. */
export interface ThreadChange {
  readonly title?: string | null;
}

/** A thread came to be; the envelope names it, and its owner as `user_id`. */
export interface ThreadCreated {
  readonly title?: string | null;
  readonly members?: readonly string[] | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  /** When set, only members of this realm may come near. */
  readonly realm?: string | null;
}

/** The last event of a thread. */
export interface ThreadDeleted {
  readonly title?: string | null;
  readonly members?: readonly string[] | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/** One conversation. 1 to 128 of `A-Z a-z 0-9 . _ -`; never starts with `run_`. */
export type ThreadId = string;

/** A thread as its owner and members see it. */
export interface ThreadInfo {
  readonly thread_id: ThreadId;
  readonly title: string | null;
  readonly owner: string;
  readonly members: readonly string[];
  readonly realm: string | null;
  readonly created_at: string;
}

export interface ThreadList {
  readonly threads: readonly ThreadInfo[];
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

export interface ThreadResult {
  readonly thread?: ThreadInfo;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** What changed about a thread; absent fields did not. */
export interface ThreadUpdated {
  readonly title?: string | null;
  readonly members?: readonly string[] | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
}

/** Call RefreshToken before this time, or the connection closes. */
export interface TokenExpiring {
  readonly expires_at: string;
}

/** The answer to RefreshToken. */
export interface TokenRefreshed {
  readonly expires_at?: string;
  /** Absent when the request was accepted. */
  readonly error?: HubError;
}

/** Closes exactly one open tool call of its run. */
export interface ToolCompleted {
  readonly tool_call_id: string;
  readonly tool_name: string;
  readonly status: ToolStatus;
  /** Since tool_executing, milliseconds. */
  readonly duration_ms: number;
  readonly result?: unknown;
  /** For a person to read; set when the tool failed. */
  readonly error?: string | null;
}

/** Opens a tool call. */
export interface ToolExecuting {
  /** Unique within the run. */
  readonly tool_call_id: string;
  readonly tool_name: string;
  readonly parameters?: Readonly<Record<string, unknown>> | null;
  /** Why, for a person to read. */
  readonly purpose?: string | null;
}

/** How a tool call ended; `abandoned` when its run ended first. */
export type ToolStatus = "ok" | "error" | "abandoned";

/** A step of a training run, or a bare `{progress, message}`. */
export interface TrainProgress {
  readonly run_id?: string | null;
  readonly epoch?: number | null;
  readonly epochs?: number | null;
  /** 0-based or 1-based, rises by 1 to `steps`. */
  readonly step?: number | null;
  readonly steps?: number | null;
  /** Seconds left; null when unknown. */
  readonly eta_s?: number | null;
  /** `init`, `fit`, `eval` or `finalize`. */
  readonly phase?: string | null;
  /** Percent, 0 to 100. */
  readonly progress?: number | null;
  readonly message?: string | null;
}

/** The last event of a training run. */
export interface TrainRunFinished {
  readonly run_id: string;
  readonly status: TrainStatus;
  /** Numbers by name, or `{task_type, primary{name, split, value}, metrics[]}`. */
  readonly final_metrics?: Readonly<Record<string, unknown>> | null;
}

/** The first event of a training run. */
export interface TrainRunStarted {
  readonly run_id: string;
  readonly model_id: string;
  readonly metric_primary: string;
  /** Free, e.g. `{task_type, target, split{seed, test_size}, preprocess, train{steps, epochs}}`. */
  readonly config?: Readonly<Record<string, unknown>> | null;
}

/** How a training run ended. */
export type TrainStatus = "success" | "failed" | "cancelled";

/** An accepted SendMessage or StartAgent, published by the hub. */
export interface UserMessage {
  readonly message_id: string;
  readonly text: string;
  readonly attachments?: readonly FileRef[] | null;
  readonly file?: FileRef | null;
  /** The run that was asked to answer it. */
  readonly run_id?: RunId | null;
}

/** What to draw, e.g. `{chart, series}`. */
export type VisualizationData = Readonly<Record<string, unknown>>;

/** A stage waits for a person, who answers with Confirm. */
export interface WaitingConfirmation {
  readonly stage_id: string;
  readonly summary: string;
  readonly next_actions: readonly string[];
  /** As in `StageStatus`. */
  readonly attempt?: number | null;
}

/** A notice that asks for attention. */
export interface WarningMessage {
  readonly text: string;
  readonly code?: string | null;
}

/** A workflow, e.g. `{workflow_id, steps}`. */
export type WorkflowGenerated = Readonly<Record<string, unknown>>;

/** The payload of each event by its type. */
export interface AgentPayloadMap {
  agent_started: AgentStarted;
  agent_thinking: AgentThinking;
  tool_executing: ToolExecuting;
  tool_completed: ToolCompleted;
  agent_completed: AgentCompleted;
  agent_error: AgentError;
  agent_streaming: AgentStreaming;
  agent_message: AgentMessage;
  user_message: UserMessage;
  input_requested: InputRequested;
  input_provided: InputProvided;
  progress_update: ProgressUpdate;
  status_update: StatusUpdate;
  system_message: SystemMessage;
  warning_message: WarningMessage;
  thread_created: ThreadCreated;
  thread_updated: ThreadUpdated;
  thread_deleted: ThreadDeleted;
  file_selected: FileSelected;
  file_processing: FileProcessing;
  file_complete: FileComplete;
  file_error: FileError;
  question_answer: QuestionAnswer;
  visualization_data: VisualizationData;
  analysis_result: AnalysisResult;
  workflow_generated: WorkflowGenerated;
  sop_generated: SopGenerated;
  custom: Custom;
}

export type AgentEventType = keyof AgentPayloadMap;

/** The envelope of an event on a thread or user stream. The hub sets v, seq, epoch, timestamp and user_id. */
export interface AgentEnvelope<TType extends AgentEventType> {
  /** Contract version, 1. */
  readonly v: typeof contractVersion;
  /** The snake_case event type, e.g. `agent_started`. */
  readonly type: TType;
  /** Unique; a retry with the same id is answered with the original seq. */
  readonly event_id: string;
  readonly thread_id: ThreadId;
  /** 1-based, gapless within (stream, epoch). */
  readonly seq: number;
  readonly epoch: string;
  /** When the hub accepted it, UTC. */
  readonly timestamp: string;
  readonly payload: AgentPayloadMap[TType];
  readonly run_id?: RunId;
  /** The authenticated subject on whose behalf it was published. */
  readonly user_id?: string;
  readonly agent_name?: string;
  /** Free; carries `traceparent`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Each event by its type, as it arrives. */
export type AgentEventMap = { readonly [TType in AgentEventType]: AgentEnvelope<TType> };

/** Any event; narrows on `type`. */
export type AgentEvent = AgentEventMap[AgentEventType];

/** An event as a publisher sends it; see `AgentEvent` for what the hub adds. */
export interface NewAgentEventOf<TType extends AgentEventType> {
  readonly type: TType;
  readonly payload: AgentPayloadMap[TType];
  readonly event_id?: string | null;
  readonly run_id?: RunId | null;
  /** 1 to 256 characters. */
  readonly agent_name?: string | null;
  readonly metadata?: Readonly<Record<string, unknown>> | null;
  readonly v?: typeof contractVersion;
  /** The thread that is published to; on a user's stream the thread that the event is about. */
  readonly thread_id?: string;
}

export type NewAgentEvent = { [TType in AgentEventType]: NewAgentEventOf<TType> }[AgentEventType];

export const agentEventTypes = [
  "agent_started",
  "agent_thinking",
  "tool_executing",
  "tool_completed",
  "agent_completed",
  "agent_error",
  "agent_streaming",
  "agent_message",
  "user_message",
  "input_requested",
  "input_provided",
  "progress_update",
  "status_update",
  "system_message",
  "warning_message",
  "thread_created",
  "thread_updated",
  "thread_deleted",
  "file_selected",
  "file_processing",
  "file_complete",
  "file_error",
  "question_answer",
  "visualization_data",
  "analysis_result",
  "workflow_generated",
  "sop_generated",
  "custom",
] as const satisfies readonly AgentEventType[];

/** The client method that carries each agent event. */
export const agentEventMethods = {
  agent_started: "AgentStarted",
  agent_thinking: "AgentThinking",
  tool_executing: "ToolExecuting",
  tool_completed: "ToolCompleted",
  agent_completed: "AgentCompleted",
  agent_error: "AgentError",
  agent_streaming: "AgentStreaming",
  agent_message: "AgentMessage",
  user_message: "UserMessage",
  input_requested: "InputRequested",
  input_provided: "InputProvided",
  progress_update: "ProgressUpdate",
  status_update: "StatusUpdate",
  system_message: "SystemMessage",
  warning_message: "WarningMessage",
  thread_created: "ThreadCreated",
  thread_updated: "ThreadUpdated",
  thread_deleted: "ThreadDeleted",
  file_selected: "FileSelected",
  file_processing: "FileProcessing",
  file_complete: "FileComplete",
  file_error: "FileError",
  question_answer: "QuestionAnswer",
  visualization_data: "VisualizationData",
  analysis_result: "AnalysisResult",
  workflow_generated: "WorkflowGenerated",
  sop_generated: "SopGenerated",
  custom: "Custom",
} as const satisfies Readonly<Record<AgentEventType, string>>;

/** The payload of each event by its name. */
export interface ProjectPayloadMap {
  HELLO: Hello;
  STAGE_STATUS: StageStatus;
  WAITING_CONFIRMATION: WaitingConfirmation;
  PLAN_PROPOSED: PlanProposed;
  PLAN_APPROVED: PlanApproved;
  FILE_TREE_UPDATE: FileTreeUpdate;
  ARTIFACT_ADDED: ArtifactAdded;
  PROMPT_PARSED: PromptParsed;
  DATASET_CANDIDATES: DatasetCandidates;
  DATASET_SELECTED: DatasetSelected;
  MODEL_CANDIDATES: ModelCandidates;
  MODEL_SELECTED: ModelSelected;
  DATASET_SAMPLE_READY: DatasetSampleReady;
  PROFILE_PROGRESS: ProfileProgress;
  PROFILE_SUMMARY: ProfileSummary;
  MISSINGNESS_TABLE_READY: MissingnessTableReady;
  TARGET_DISTRIBUTION_READY: TargetDistributionReady;
  SPLIT_SUMMARY: SplitSummary;
  PREPROCESS_PLAN: PreprocessPlan;
  TRAIN_RUN_STARTED: TrainRunStarted;
  TRAIN_PROGRESS: TrainProgress;
  METRIC_SCALAR: MetricScalar;
  LEADERBOARD_UPDATED: LeaderboardUpdated;
  BEST_MODEL_UPDATED: BestModelUpdated;
  CONFUSION_MATRIX_READY: ConfusionMatrixReady;
  ROC_CURVE_READY: RocCurveReady;
  RESIDUALS_PLOT_READY: ResidualsPlotReady;
  FEATURE_IMPORTANCE_READY: FeatureImportanceReady;
  RESOURCE_STATS: ResourceStats;
  LOG_LINE: LogLine;
  TRAIN_RUN_FINISHED: TrainRunFinished;
  EVALUATION_STARTED: EvaluationStarted;
  EVALUATION_METRICS_READY: EvaluationMetricsReady;
  CLASSIFICATION_METRICS_READY: ClassificationMetricsReady;
  REGRESSION_METRICS_READY: RegressionMetricsReady;
  PRECISION_RECALL_CURVE_READY: PrecisionRecallCurveReady;
  SHAP_EXPLANATIONS_READY: ShapExplanationsReady;
  EVALUATION_COMPLETE: EvaluationComplete;
  REPORT_READY: ReportReady;
  NOTEBOOK_READY: NotebookReady;
  CODE_WORKSPACE_READY: CodeWorkspaceReady;
  EDIT_SUGGESTIONS: EditSuggestions;
  EXPORT_PROGRESS: ExportProgress;
  EXPORT_READY: ExportReady;
  GD_DIAGNOSTIC: GdDiagnostic;
  LOSS_SURFACE_SPEC_READY: LossSurfaceSpecReady;
  LOSS_SURFACE_GRID_READY: LossSurfaceGridReady;
  GD_PATH_STARTED: GdPathStarted;
  GD_PATH_UPDATE: GdPathUpdate;
  GD_PATH_FINISHED: GdPathFinished;
  GD_HYPERPARAMS: GdHyperparams;
}

export type ProjectEventName = keyof ProjectPayloadMap;

/** The envelope of an event on a project stream. */
export interface ProjectEnvelope<TType extends ProjectEventName> {
  /** Contract version, 1. */
  readonly v: typeof contractVersion;
  /** `EVENT`, or `HELLO` for the greeting of a joiner, which carries the head's seq. */
  readonly type: "EVENT" | "HELLO";
  readonly project_id: ProjectId;
  /** 1-based, gapless within (project, epoch). */
  readonly seq: number;
  readonly epoch: string;
  /** When the hub accepted it, unix milliseconds. */
  readonly ts: number;
  readonly event_id: string;
  readonly stage: StageRef;
  readonly event: { readonly name: TType; readonly payload: ProjectPayloadMap[TType] };
}

/** Each event by its name, as it arrives. */
export type ProjectEventMap = { readonly [TType in ProjectEventName]: ProjectEnvelope<TType> };

/** Any event; narrows on `event.name`. */
export type ProjectEvent = ProjectEventMap[ProjectEventName];

/** An event as a publisher sends it; see `ProjectEvent` for what the hub adds. */
export interface NewProjectEventOf<TType extends ProjectEventName> {
  readonly name: TType;
  readonly payload: ProjectPayloadMap[TType];
  readonly event_id?: string | null;
  readonly v?: typeof contractVersion;
  /** The project that is published to. */
  readonly project_id?: string;
}

export type NewProjectEvent = { [TType in ProjectEventName]: NewProjectEventOf<TType> }[ProjectEventName];

export const projectEventNames = [
  "HELLO",
  "STAGE_STATUS",
  "WAITING_CONFIRMATION",
  "PLAN_PROPOSED",
  "PLAN_APPROVED",
  "FILE_TREE_UPDATE",
  "ARTIFACT_ADDED",
  "PROMPT_PARSED",
  "DATASET_CANDIDATES",
  "DATASET_SELECTED",
  "MODEL_CANDIDATES",
  "MODEL_SELECTED",
  "DATASET_SAMPLE_READY",
  "PROFILE_PROGRESS",
  "PROFILE_SUMMARY",
  "MISSINGNESS_TABLE_READY",
  "TARGET_DISTRIBUTION_READY",
  "SPLIT_SUMMARY",
  "PREPROCESS_PLAN",
  "TRAIN_RUN_STARTED",
  "TRAIN_PROGRESS",
  "METRIC_SCALAR",
  "LEADERBOARD_UPDATED",
  "BEST_MODEL_UPDATED",
  "CONFUSION_MATRIX_READY",
  "ROC_CURVE_READY",
  "RESIDUALS_PLOT_READY",
  "FEATURE_IMPORTANCE_READY",
  "RESOURCE_STATS",
  "LOG_LINE",
  "TRAIN_RUN_FINISHED",
  "EVALUATION_STARTED",
  "EVALUATION_METRICS_READY",
  "CLASSIFICATION_METRICS_READY",
  "REGRESSION_METRICS_READY",
  "PRECISION_RECALL_CURVE_READY",
  "SHAP_EXPLANATIONS_READY",
  "EVALUATION_COMPLETE",
  "REPORT_READY",
  "NOTEBOOK_READY",
  "CODE_WORKSPACE_READY",
  "EDIT_SUGGESTIONS",
  "EXPORT_PROGRESS",
  "EXPORT_READY",
  "GD_DIAGNOSTIC",
  "LOSS_SURFACE_SPEC_READY",
  "LOSS_SURFACE_GRID_READY",
  "GD_PATH_STARTED",
  "GD_PATH_UPDATE",
  "GD_PATH_FINISHED",
  "GD_HYPERPARAMS",
] as const satisfies readonly ProjectEventName[];

/** The payload of each event by its type. */
export interface SessionPayloadMap {
  session_created: SessionCreated;
  session_updated: SessionUpdated;
  session_expired: SessionExpired;
  token_expiring: TokenExpiring;
  server_draining: ServerDraining;
  history_lost: HistoryLost;
  reset: StreamReset;
}

export type SessionEventType = keyof SessionPayloadMap;

/** What a connection is told about itself; belongs to no stream and takes no seq. */
export interface SessionEnvelope<TType extends SessionEventType> {
  /** Always 1. */
  readonly v: typeof contractVersion;
  /** The snake_case name, e.g. `history_lost`. */
  readonly type: TType;
  readonly event_id: string;
  readonly timestamp: string;
  readonly payload: SessionPayloadMap[TType];
}

/** Each event by its type, as it arrives. */
export type SessionEventMap = { readonly [TType in SessionEventType]: SessionEnvelope<TType> };

/** Any event; narrows on `type`. */
export type SessionEvent = SessionEventMap[SessionEventType];

export const sessionEventTypes = [
  "session_created",
  "session_updated",
  "session_expired",
  "token_expiring",
  "server_draining",
  "history_lost",
  "reset",
] as const satisfies readonly SessionEventType[];

/** The client method that carries each session event. */
export const sessionEventMethods = {
  session_created: "SessionCreated",
  session_updated: "SessionUpdated",
  session_expired: "SessionExpired",
  token_expiring: "TokenExpiring",
  server_draining: "ServerDraining",
  history_lost: "HistoryLost",
  reset: "Reset",
} as const satisfies Readonly<Record<SessionEventType, string>>;

/** The agent events whose order and presence are guaranteed per run. */
export const criticalEventTypes = [
  "agent_started",
  "agent_thinking",
  "tool_executing",
  "tool_completed",
  "agent_completed",
] as const;

/** What a stage can be in. */
export const stageStatuses = [
  "PENDING",
  "IN_PROGRESS",
  "WAITING_CONFIRMATION",
  "COMPLETED",
  "FAILED",
  "SKIPPED",
] as const;

/** The stages of the default pipeline. */
export const defaultStages = [
  "PARSE_INTENT",
  "DATA_SOURCE",
  "PROFILE_DATA",
  "PREPROCESS",
  "MODEL_SELECT",
  "TRAIN",
  "REVIEW_EDIT",
  "EXPORT",
] as const;

/** What both hubs may tell any connection. */
export interface SessionClientMethods {
  SessionCreated(event: SessionEventMap["session_created"]): void;
  SessionUpdated(event: SessionEventMap["session_updated"]): void;
  SessionExpired(event: SessionEventMap["session_expired"]): void;
  /** Call RefreshToken before this time, or the connection closes. */
  TokenExpiring(event: SessionEventMap["token_expiring"]): void;
  /** The node stops: reconnect within this time; the position stays valid. */
  ServerDraining(event: SessionEventMap["server_draining"]): void;
  /** The events `from..to` are gone by retention; the next event is `to + 1`. */
  HistoryLost(event: SessionEventMap["history_lost"]): void;
  /** The stream lives on under another epoch; discard what you hold above `last_valid`. With an empty epoch the subscription has ended, because the stream is no longer yours to read; Subscribe says more. */
  Reset(event: SessionEventMap["reset"]): void;
}

/** The methods of `/hubs/agent`. Every answer carries an error or a result. Events and requests travel as raw JSON (`JsonElement`), so that a wrong field is answered by name instead of failing to bind. */
export interface AgentHubMethods {
  /**
   * Joins a thread. Without a position only what comes from now on is sent.
   * @param threadId A `ThreadId`.
   * @param position `epoch:seq`, everything after it is replayed; `:0` replays from the beginning.
   */
  Subscribe(threadId: string, position?: string | null): Promise<SubscribeResult>;
  Unsubscribe(threadId: string): Promise<Accepted>;
  /** @param message A `SendMessage`. */
  SendMessage(message: SendMessage): Promise<MessageAccepted>;
  /** @param request A `StartAgent`. */
  StartAgent(request: StartAgent): Promise<RunAccepted>;
  StopAgent(runId: string, reason?: string | null): Promise<Accepted>;
  CancelRun(runId: string, reason?: string | null): Promise<Accepted>;
  /**
   * Answers an open input_requested.
   * @param value Any JSON value.
   * @param threadId The thread that asked. Without it the answer is refused when several threads of the caller hold an open request of this id.
   */
  ProvideInput(requestId: string, value: unknown, threadId?: string | null): Promise<Accepted>;
  /** @param request A `CreateThread`. */
  CreateThread(request: CreateThread): Promise<ThreadResult>;
  RenameThread(threadId: string, title: string): Promise<Accepted>;
  DeleteThread(threadId: string): Promise<Accepted>;
  ListThreads(): Promise<ThreadList>;
  /** A page of the thread, oldest first; `before` pages back, `after` forward. */
  GetHistory(threadId: string, after?: string | null, before?: string | null, limit?: number | null): Promise<EventPage<AgentEvent>>;
  /** @param events An array of `NewAgentEvent`. */
  Publish(threadId: string, events: readonly NewAgentEvent[]): Promise<PublishResults>;
  /** The same for a stream of events; answers one result per event, in order. */
  PublishStream(threadId: string, events: AsyncIterable<NewAgentEvent>): AsyncIterable<PublishResult>;
  /**
   * Registers this connection as a worker: `guide`, `liaison:{pillar}` or agent names.
   * @param capacity How many runs at once, 1 to 1,000.
   */
  ServeAgents(names: readonly string[], capacity: number): Promise<Accepted>;
  Heartbeat(runId: string): Promise<LeaseResult>;
  Ping(ts: number): Promise<Pong>;
  RefreshToken(token: string): Promise<TokenRefreshed>;
}

/** What `/hubs/agent` calls on its clients: one method per event type, then what it asks of workers. */
export interface AgentClientMethods extends SessionClientMethods {
  /** The first event of its run. */
  AgentStarted(event: AgentEventMap["agent_started"]): void;
  /** One thought of an agent at work. */
  AgentThinking(event: AgentEventMap["agent_thinking"]): void;
  /** Opens a tool call. */
  ToolExecuting(event: AgentEventMap["tool_executing"]): void;
  /** Closes exactly one open tool call of its run. */
  ToolCompleted(event: AgentEventMap["tool_completed"]): void;
  /** The last event of its run: exactly one, after every tool call was closed. */
  AgentCompleted(event: AgentEventMap["agent_completed"]): void;
  /** Something went wrong; the run goes on until agent_completed. */
  AgentError(event: AgentEventMap["agent_error"]): void;
  /** One piece of a message that is still being written. */
  AgentStreaming(event: AgentEventMap["agent_streaming"]): void;
  /** A message in full; closes the stream of its message_id. */
  AgentMessage(event: AgentEventMap["agent_message"]): void;
  /** An accepted SendMessage or StartAgent, published by the hub. */
  UserMessage(event: AgentEventMap["user_message"]): void;
  /** An agent waits for a person, who answers with ProvideInput. */
  InputRequested(event: AgentEventMap["input_requested"]): void;
  /** The answer to an input_requested, or its end without one. */
  InputProvided(event: AgentEventMap["input_provided"]): void;
  /** How far something is. */
  ProgressUpdate(event: AgentEventMap["progress_update"]): void;
  /** What state something is in, in the product's own words. */
  StatusUpdate(event: AgentEventMap["status_update"]): void;
  /** A notice from the product, not from an agent. */
  SystemMessage(event: AgentEventMap["system_message"]): void;
  /** A notice that asks for attention. */
  WarningMessage(event: AgentEventMap["warning_message"]): void;
  /** A thread came to be; the envelope names it, and its owner as `user_id`. */
  ThreadCreated(event: AgentEventMap["thread_created"]): void;
  /** What changed about a thread; absent fields did not. */
  ThreadUpdated(event: AgentEventMap["thread_updated"]): void;
  /** The last event of a thread. */
  ThreadDeleted(event: AgentEventMap["thread_deleted"]): void;
  /** A file was chosen for the conversation. */
  FileSelected(event: AgentEventMap["file_selected"]): void;
  /** A file is being worked on. */
  FileProcessing(event: AgentEventMap["file_processing"]): void;
  /** A file is ready. */
  FileComplete(event: AgentEventMap["file_complete"]): void;
  /** A file could not be processed. */
  FileError(event: AgentEventMap["file_error"]): void;
  /** A question with its answer, e.g. `{question, answer}`. */
  QuestionAnswer(event: AgentEventMap["question_answer"]): void;
  /** What to draw, e.g. `{chart, series}`. */
  VisualizationData(event: AgentEventMap["visualization_data"]): void;
  /** What an analysis found. */
  AnalysisResult(event: AgentEventMap["analysis_result"]): void;
  /** A workflow, e.g. `{workflow_id, steps}`. */
  WorkflowGenerated(event: AgentEventMap["workflow_generated"]): void;
  /** A standard operating procedure, e.g. `{sop_id, url}`. */
  SopGenerated(event: AgentEventMap["sop_generated"]): void;
  /** The open door for what has no type of its own. */
  Custom(event: AgentEventMap["custom"]): void;
  /** To a worker. */
  RunRequested(request: RunRequest): void;
  /** To a worker. */
  MessageReceived(request: MessageRequest): void;
  /** To a worker. */
  CancelRequested(request: CancelRequest): void;
}

/** The methods of `/hubs/project`. Every answer carries an error or a result. */
export interface ProjectHubMethods {
  /**
   * Joins a project: HELLO, the current STAGE_STATUS and a pending WAITING_CONFIRMATION come first, then what was missed.
   * @param projectId A `ProjectId`.
   * @param position `epoch:seq`, everything after it is replayed; `:0` replays from the beginning.
   */
  Subscribe(projectId: string, position?: string | null): Promise<SubscribeResult>;
  Unsubscribe(projectId: string): Promise<Accepted>;
  Chat(projectId: string, text: string): Promise<Accepted>;
  /** @param stageId The stage the person saw; when it is no longer current the answer is `stage_conflict`. */
  Confirm(projectId: string, stageId?: string | null): Promise<CommandResult>;
  RestartStage(projectId: string, stageId: string): Promise<CommandResult>;
  CancelRun(projectId: string, runId?: string | null): Promise<CommandResult>;
  /** confirm, restart_stage {stage_id}, cancel_run {run_id?}; any other name reaches the worker and answers with its result. */
  Command(projectId: string, name: string, args?: unknown): Promise<CommandResult>;
  GetState(projectId: string): Promise<ProjectState>;
  /** A page of the project, oldest first. */
  GetHistory(projectId: string, after?: string | null, before?: string | null, limit?: number | null): Promise<EventPage<ProjectEvent>>;
  /** @param events An array of `NewProjectEvent`. */
  Publish(projectId: string, events: readonly NewProjectEvent[]): Promise<PublishResults>;
  PublishStream(projectId: string, events: AsyncIterable<NewProjectEvent>): AsyncIterable<PublishResult>;
  /** @param attempt That of the request the worker acts on: `stage_conflict` when another one is under way. Without it the status is taken as it comes. */
  SetStage(projectId: string, stageId: string, status: "PENDING" | "IN_PROGRESS" | "WAITING_CONFIRMATION" | "COMPLETED" | "FAILED" | "SKIPPED", message?: string | null, attempt?: number | null): Promise<CommandResult>;
  /** @param attempt As in `SetStage`. */
  WaitForConfirmation(projectId: string, stageId: string, summary: string, nextActions: readonly string[], attempt?: number | null): Promise<CommandResult>;
  /** Registers this connection as the worker for the projects that match (`*` stands for any characters). */
  ServeProjects(patterns: readonly string[]): Promise<Accepted>;
  /** A worker's answer to `CommandReceived`. */
  CompleteCommand(commandId: string, result?: unknown, error?: HubError | null): Promise<Accepted>;
  /** Keeps the worker's hold on a project that it works on without publishing. */
  Heartbeat(projectId: string): Promise<LeaseResult>;
  Ping(ts: number): Promise<Pong>;
  RefreshToken(token: string): Promise<TokenRefreshed>;
}

/** What `/hubs/project` calls on its clients. */
export interface ProjectClientMethods extends SessionClientMethods {
  /** Every event of a subscribed project; `event.name` says which payload record it carries. */
  ProjectEvent(event: ProjectEvent): void;
  /** To a worker. */
  StageRequested(request: StageRequest): void;
  /** To a worker. */
  CommandReceived(request: CommandRequest): void;
  /** To a worker. */
  CancelRequested(request: ProjectCancelRequest): void;
  /** To a worker. */
  ChatReceived(request: ChatRequest): void;
}
