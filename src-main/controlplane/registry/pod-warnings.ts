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

/** Ports that several containers of a pod name, which share its address; `at` as above. */
export function warningsOfPorts(spec: PodSpec, at: string): string[] {
  const words: string[] = []
  const known = new Map<number, PlacedPort[]>()
  for (const list of ['initContainers', 'containers'] as const)
    spec[list]?.forEach(({ ports }, i) =>
      ports?.forEach((port, j) => {
        const placed = { port, list, i, j }
        if (port.hostIP && !port.hostPort)
          words.push(`${pathOf(placed, at)}: hostIP set without hostPort: ${shown(port)}`)
        const others = known.get(port.containerPort) ?? []
        for (const other of others) {
          const clash = clashOf(port, other.port)
          if (clash) words.push(`${pathOf(placed, at)}: ${clash} port definition with ${pathOf(other, at)}`)
        }
        if (others.push(placed) === 1) known.set(port.containerPort, others)
      }),
    )
  return words
}

interface PlacedPort {
  port: ContainerPort
  list: 'initContainers' | 'containers'
  /** Of the container, and of the port in it. */
  i: number
  j: number
}

const pathOf = ({ list, i, j }: PlacedPort, at: string): string => `${at}.${list}[${i}].ports[${j}]`

const shown = ({ name = '', containerPort, protocol = 'TCP', hostIP }: ContainerPort): string =>
  `{Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`

/** Ports of one number, when they are of one protocol, too: on addresses of the node that differ they are two. */
function clashOf(one: ContainerPort, other: ContainerPort): string | undefined {
  if ((one.protocol ?? 'TCP') !== (other.protocol ?? 'TCP')) return undefined
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
