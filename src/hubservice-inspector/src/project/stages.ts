import type { StageStatus } from "../core/projectView";
import { titleCase } from "../core/words";

const shortNames: Record<string, string> = {
  PARSE_INTENT: "Intent",
  DATA_SOURCE: "Data",
  PROFILE_DATA: "Profile",
  PREPROCESS: "Prepare",
  MODEL_SELECT: "Model",
  TRAIN: "Train",
  REVIEW_EDIT: "Review",
  EXPORT: "Export",
};

export function shortStage(id: string): string {
  return shortNames[id] ?? titleCase(id);
}

export const statusWords: Record<StageStatus, string> = {
  PENDING: "to come",
  IN_PROGRESS: "in progress",
  WAITING_CONFIRMATION: "waiting for you",
  COMPLETED: "completed",
  FAILED: "failed",
  SKIPPED: "skipped",
};
