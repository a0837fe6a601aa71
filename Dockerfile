# A static binary on a base without a shell, run by a user without rights. The build downloads only Go modules:
#   docker build --build-arg VERSION=v1.2.3 -t ocsso:v1.2.3 .
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=v1.2.3 -t ocsso:v1.2.3 .
FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3aff6657219a4d9c14e27fb1d8976c49c29fddb70ba835014f477e1c70636647 AS build
WORKDIR /src
# The Go of go.mod's toolchain, if it is newer than the image's.
ENV GOTOOLCHAIN=auto
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The licence texts that must be shipped with the binary.
RUN sh .ci/licenses.sh /licenses.txt
# What ocsso version and the metric ocsso_build_info say.
ARG VERSION=dev
ARG TARGETOS TARGETARCH
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags="-s -w -X main.version=$VERSION" -o /ocsso ./cmd/ocsso && mkdir /data

FROM gcr.io/distroless/static-debian12:nonroot@sha256:afa5c872c891853ca7fcf1f12c3edb23f7eeef36189728842dd51042ff57f7ab
COPY --from=build /ocsso /licenses.txt /
# The working directory. A relative store.file.path starts here.
COPY --from=build --chown=nonroot:nonroot /data /data
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=2s CMD ["/ocsso", "healthcheck", "--config", "/etc/ocsso/config.yaml"]
ENTRYPOINT ["/ocsso"]
CMD ["serve", "--config", "/etc/ocsso/config.yaml"]
ARG VERSION=dev
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="ocsso" \
      org.opencontainers.image.description="Single sign-on for a help center at NHN Cloud Online Contact (Contiple)" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.source="$SOURCE"
