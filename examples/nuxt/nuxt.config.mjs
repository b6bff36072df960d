export default defineNuxtConfig({
  compatibilityDate: "2026-01-01",
  app: {
    head: {
      title: "gatestream and Nuxt",
      htmlAttrs: { lang: "en" },
      link: [{ rel: "icon", href: "data:," }],
    },
  },
  // NUXT_PUBLIC_RELAY_URL replaces it when the server starts.
  runtimeConfig: { public: { relayUrl: "/api/llm" } },
});
