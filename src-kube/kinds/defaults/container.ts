import type { Container, EphemeralContainer, HTTPGetAction, Probe } from '#types/core/v1'

/** Policy that follows from an image's tag: `latest` (said or implied) is pulled always. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  if (!image) return 'IfNotPresent'
  if (image.includes('@')) return 'IfNotPresent'
  const lastPart = image.slice(image.lastIndexOf('/') + 1)
  const colon = lastPart.indexOf(':')
  return colon < 0 || lastPart.slice(colon + 1) === 'latest' ? 'Always' : 'IfNotPresent'
}

/** What the API fills in for a container (kubernetes.io, "Pod v1 core"; reference: core/v1 defaults). Mutates. */
export function defaultContainer(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ??= defaultPullPolicy(container.image)
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ||= 'File'
  container.resources ??= {}
  for (const port of container.ports ?? []) port.protocol ||= 'TCP'
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) valueFrom.fieldRef.apiVersion ||= 'v1'
    if (valueFrom?.resourceFieldRef) valueFrom.resourceFieldRef.divisor ??= '0'
  }
  defaultProbe(container.livenessProbe)
  defaultProbe(container.readinessProbe)
  defaultProbe(container.startupProbe)
  const { lifecycle } = container
  if (!lifecycle) return
  // The feature gate ContainerStopSignals is off.
  if (lifecycle.stopSignal !== undefined) delete lifecycle.stopSignal
  defaultHttpGet(lifecycle.postStart?.httpGet)
  defaultHttpGet(lifecycle.preStop?.httpGet)
}

function defaultProbe(probe: Probe | undefined): void {
  if (!probe) return
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  defaultHttpGet(probe.httpGet)
  if (probe.grpc) probe.grpc.service ??= ''
}

function defaultHttpGet(action: HTTPGetAction | undefined): void {
  if (!action) return
  action.path ||= '/'
  action.scheme ||= 'HTTP'
}

/** A limit without a request is also the request (pods only, not templates). Mutates. */
export function defaultRequests(container: Container): void {
  const limits = container.resources?.limits
  if (!container.resources || !limits) return
  container.resources.requests = { ...limits, ...container.resources.requests }
}
