# A static binary on a base without a shell, run by a user without rights. The build downloads only Go modules:
#   docker build -t ocsso .
#   docker buildx build --platform linux/amd64,linux/arm64 -t ocsso .
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -ldflags='-s -w' -o /ocsso ./cmd/ocsso && mkdir /data
# The licence texts that must be shipped with the binary.
RUN sh .ci/licenses.sh /licenses.txt

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /ocsso /licenses.txt /
# The working directory. A relative store.sqlite.path starts here.
COPY --from=build --chown=nonroot:nonroot /data /data
WORKDIR /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=2s CMD ["/ocsso", "healthcheck"]
ENTRYPOINT ["/ocsso"]
CMD ["serve", "--config", "/etc/ocsso/config.yaml"]
