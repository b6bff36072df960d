import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { relayPlugin } from "./relay-plugin.ts";

export default defineConfig({ base: "./", plugins: [vue(), relayPlugin()] });
