# A static binary on a base without a shell, as a user that is nobody. Nothing but the module proxy is asked for the build:
#   docker build -t ocsso .
#   docker buildx build --platform linux/amd64,linux/arm64 -t ocsso .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /ocsso ./cmd/ocsso && mkdir /data
# What their licences ask to go along with the binary.
RUN sh .ci/licenses.sh /licenses.txt

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /ocsso /licenses.txt /
# The working directory: store.sqlite.path is in it unless it is absolute.
COPY --from=build --chown=nonroot:nonroot /data /data
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=2s CMD ["/ocsso", "healthcheck"]
ENTRYPOINT ["/ocsso"]
CMD ["serve", "--config", "/etc/ocsso/config.yaml"]
