import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createInspector } from "./live/inspector";
import { App } from "./shell/App";
import "uplot/dist/uPlot.min.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/chat.css";
import "./styles/project.css";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App inspector={createInspector()} />
    </StrictMode>,
  );
}
