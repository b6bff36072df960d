# docker build --tag gatestream .
# docker run --publish 127.0.0.1:3000:3000 --env-file gatestream.env gatestream
# docs/operate.md says what belongs into gatestream.env.

# A tag moves. Pin it to a digest that you have looked up:
#   --build-arg NODE_IMAGE=node:24-slim@sha256:…
ARG NODE_IMAGE=node:24-slim
FROM ${NODE_IMAGE} AS build
# The packageManager of package.json.
ARG PNPM=pnpm@10.34.8
WORKDIR /build
# First what changes seldom: the dependencies are installed again only when one of these changes.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages/protocol/package.json packages/protocol/
COPY packages/client/package.json packages/client/
COPY packages/ai-sdk/package.json packages/ai-sdk/
COPY packages/ui/package.json packages/ui/
COPY packages/element/package.json packages/element/
COPY packages/emulator/package.json packages/emulator/
COPY packages/relay/package.json packages/relay/
COPY packages/relay-auth/package.json packages/relay-auth/
COPY packages/relay-adapters/package.json packages/relay-adapters/
COPY packages/relay-audit/package.json packages/relay-audit/
COPY packages/relay-metrics/package.json packages/relay-metrics/
COPY packages/relay-opentelemetry/package.json packages/relay-opentelemetry/
COPY packages/relay-providers/package.json packages/relay-providers/
COPY packages/relay-redis/package.json packages/relay-redis/
COPY packages/relay-websocket/package.json packages/relay-websocket/
COPY packages/gatestream/package.json packages/gatestream/
COPY packages/testing/package.json packages/testing/
RUN npx --yes $PNPM install --frozen-lockfile --filter . --filter gatestream...
COPY tsconfig.base.json ./
COPY scripts/build-packages.mjs scripts/marked-lexer.mjs scripts/rollup-package.mjs scripts/sse-parser.mjs scripts/third-party.mjs scripts/
COPY packages/protocol packages/protocol
COPY packages/client packages/client
COPY packages/ai-sdk packages/ai-sdk
COPY packages/ui packages/ui
COPY packages/element packages/element
COPY packages/emulator packages/emulator
COPY packages/relay packages/relay
COPY packages/relay-auth packages/relay-auth
COPY packages/relay-adapters packages/relay-adapters
COPY packages/relay-audit packages/relay-audit
COPY packages/relay-metrics packages/relay-metrics
COPY packages/relay-opentelemetry packages/relay-opentelemetry
COPY packages/relay-providers packages/relay-providers
COPY packages/relay-redis packages/relay-redis
COPY packages/relay-websocket packages/relay-websocket
COPY packages/gatestream packages/gatestream
RUN node scripts/build-packages.mjs --no-types
# The build and what it imports, in the lockfile's versions and without the workspace around it.
RUN npx --yes $PNPM --filter gatestream deploy --prod --config.inject-workspace-packages=true deployed
# Half of it all, and only there because valibot's types could be read by it.
RUN rm -rf deployed/node_modules/.pnpm/typescript@*

FROM ${NODE_IMAGE}
# Every interface of the container: until GATESTREAM_AUTH says who may call, the relay does not start.
ENV HOST=0.0.0.0
ENV PORT=3000
WORKDIR /opt/gatestream
COPY --from=build /build/deployed ./
# The image's user `node`, as a number: Kubernetes cannot tell from a name that it is not root.
USER 1000
EXPOSE 3000
# Drains; a second one ends the process at once.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--unhandled-rejections=strict", "dist/cli.js"]
CMD ["serve"]
