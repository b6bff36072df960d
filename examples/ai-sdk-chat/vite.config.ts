import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { relayPlugin } from "../react-chat/relay-plugin.ts";

export default defineConfig({
  base: "./",
  plugins: [react(), relayPlugin({ adapters: ["ai-sdk"] })],
});
