// Stands in for dockerode's sessions of BuildKit, which take gRPC: no image is built with credentials here.
export default function noBuildSession() {
  throw new Error('builds with credentials are not supported')
}
