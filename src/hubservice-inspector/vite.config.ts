import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where the service listens while the page is developed. */
const service = "http://localhost:5080";

export default defineConfig({
  base: "./",
  plugins: [react()],
  // hubservice-client is linked, and must not bring a React of its own.
  resolve: { dedupe: ["react", "react-dom"] },
  build: { outDir: "../HubService/wwwroot", emptyOutDir: true },
  server: {
    proxy: {
      "/hubs": { target: service, ws: true },
      "/api": { target: service },
    },
  },
  test: { environment: "jsdom", include: ["test/**/*.test.{ts,tsx}"], css: false },
});
