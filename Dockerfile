# The operator's image: Node, one bundle, the CRDs. No npm, no shell, no package manager in it.
FROM node:24-bookworm-slim AS build
WORKDIR /source
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY tsconfig.json ./
COPY src src
COPY e2e e2e
COPY image image
COPY deploy deploy
COPY crd crd
RUN node_modules/.bin/tsc --build && node build/image/bundle.js
# Node and what it links, and nothing else, under the same paths
RUN mkdir -p /root-of-image/usr/local/bin /root-of-image/app /root-of-image/tmp \
 && chmod 1777 /root-of-image/tmp \
 && cp /usr/local/bin/node /root-of-image/usr/local/bin/ \
 && ldd /usr/local/bin/node | grep -o '/[^ ]*' | xargs -I{} cp --parents -L {} /root-of-image/ \
 && cp -r dist/nats-operator.js dist/crd /root-of-image/app/

FROM scratch
COPY --from=build /root-of-image/ /
ENV NODE_ENV=production
WORKDIR /app
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/node", "--disable-warning=DEP0040", "--max-semi-space-size=8", "--heap-growing-percent=25", "/app/nats-operator.js"]
