import type { ContainerPort, PodSpec } from '#types/core/v1'

/**
 * What is twice in a pod's spec, or selects nothing (reference: kubernetes.io, "Pods"; upstream's warnings of pod templates). `at`:
 * `spec.template.spec`.
 */
export function warningsOfPodSpec(spec: PodSpec, at: string): string[] {
  const { hostAliases = [], imagePullSecrets = [] } = spec
  return [
    ...twice(
      hostAliases,
      ({ ip }) => ip,
      (i, ip) => `${at}.hostAliases[${i}].ip: duplicate ip ${ip}`,
    ),
    ...twice(
      imagePullSecrets,
      ({ name = '' }) => name,
      (i, name) => `${at}.imagePullSecrets[${i}].name: duplicate name ${name}`,
    ),
    ...imagePullSecrets.flatMap(({ name }, i) =>
      name ? [] : [`${at}.imagePullSecrets[${i}].name: invalid empty name ""`],
    ),
  ]
}

function twice<T>(items: readonly T[], key: (item: T) => string, say: (i: number, key: string) => string): string[] {
  if (items.length < 2) return []
  const seen = new Set<string>()
  return items.flatMap((item, i) => {
    const known = seen.has(key(item))
    seen.add(key(item))
    return known ? [say(i, JSON.stringify(key(item)))] : []
  })
}

interface PlacedPort {
  port: ContainerPort
  path: string
}

function placedPorts(spec: PodSpec, at: string): PlacedPort[] {
  return (['initContainers', 'containers'] as const).flatMap((list) =>
    (spec[list] ?? []).flatMap(({ ports = [] }, i) =>
      ports.map((port, j) => ({ port, path: `${at}.${list}[${i}].ports[${j}]` })),
    ),
  )
}

/** Ports that several containers of a pod name, which share its address; `at` as above. */
export function warningsOfPorts(spec: PodSpec, at: string): string[] {
  const known = new Map<string, PlacedPort[]>()
  return placedPorts(spec, at).flatMap((placed) => {
    const { port, path } = placed
    const key = `${port.containerPort}/${port.protocol ?? 'TCP'}`
    const others = known.get(key) ?? []
    known.set(key, [...others, placed])
    const clashes = others.flatMap((other) => {
      const clash = clashOf(port, other.port)
      return clash ? [`${path}: ${clash} port definition with ${other.path}`] : []
    })
    return port.hostIP && !port.hostPort
      ? [`${path}: hostIP set without hostPort: ${shown(port)}`, ...clashes]
      : clashes
  })
}

const shown = ({ name = '', containerPort, protocol = 'TCP', hostIP }: ContainerPort): string =>
  `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`

/** Ports of one number and protocol: on addresses of the node that differ they are two. */
function clashOf(one: ContainerPort, other: ContainerPort): string | undefined {
  const [ip, otherIp] = [one.hostIP ?? '', other.hostIP ?? '']
  const [host, otherHost] = [one.hostPort ?? 0, other.hostPort ?? 0]
  if (ip === otherIp && host === otherHost) return 'duplicate'
  if (host === 0 || otherHost === 0) return 'overlapping'
  return host === otherHost && (ip === '') !== (otherIp === '') ? 'dangerously ambiguous' : undefined
}

/** Terms without a selector. */
export function warningsOfAffinity({ affinity }: PodSpec, at: string): string[] {
  const words: string[] = []
  if (!affinity) return words
  const nothing = 'a null labelSelector results in matching no pod'
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const { requiredDuringSchedulingIgnoredDuringExecution: must = [] } = affinity[kind] ?? {}
    const { preferredDuringSchedulingIgnoredDuringExecution: may = [] } = affinity[kind] ?? {}
    const path = `${at}.affinity.${kind}`
    for (const [i, { labelSelector }] of must.entries())
      if (!labelSelector)
        words.push(`${path}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${nothing}`)
    for (const [i, { podAffinityTerm }] of may.entries())
      if (!podAffinityTerm.labelSelector)
        words.push(
          `${path}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${nothing}`,
        )
  }
  return words
}
