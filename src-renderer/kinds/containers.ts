/** What containers are told to do and how they fare, each in facts of its own. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { metersOf } from './usage.ts'
import { at, listAt, numberAt, pairsAt, textAt, type Fact, type Section, type SectionPart } from './view.ts'

/** Lists of a pod's spec, their statuses, and the words `containers.<kind>` for what is in them. */
const lists = [
  { field: 'initContainers', statuses: 'initContainerStatuses', kind: 'init' },
  { field: 'containers', statuses: 'containerStatuses', kind: '' },
  { field: 'ephemeralContainers', statuses: 'ephemeralContainerStatuses', kind: 'ephemeral' },
] as const

/** The containers of a pod, or of the template at a path. */
export function containersOf(object: KubeObject, ...path: string[]): Section {
  const isPod = path.length === 0
  const parts = lists.flatMap(({ field, statuses, kind }) =>
    listAt(object, ...path, 'spec', field).map((container): SectionPart => {
      const status = listAt(object, 'status', statuses).find((s) => textAt(s, 'name') === textAt(container, 'name'))
      const isSidecar = kind === 'init' && textAt(container, 'restartPolicy') === 'Always'
      return {
        name: textAt(container, 'name'),
        note: isSidecar ? 'sidecar' : kind,
        ...(isPod ? { meters: metersOf(object, container) } : {}),
        facts: [...(isPod ? stateFacts(status) : []), ...taskFacts(container)],
      }
    }),
  )
  return { title: 'containers', parts }
}

function stateFacts(status: unknown): Fact[] {
  return [
    { label: 'state', value: stateWords(status, 'state') },
    { label: 'lastState', value: stateWords(status, 'lastState') },
    { label: 'restarts', value: numberAt(status, 'restartCount') },
  ]
}

/** `terminated: OOMKilled (137)`, with the message on a line of its own. */
function stateWords(status: unknown, field: 'state' | 'lastState'): string {
  for (const state of ['running', 'waiting', 'terminated']) {
    const found = at(status, field, state)
    if (!found) continue
    const reason = textAt(found, 'reason')
    const code = state === 'terminated' ? ` (${textAt(found, 'exitCode')})` : ''
    const message = textAt(found, 'message').trim()
    return (reason ? `${state}: ${reason}${code}` : state) + (message ? `\n${message}` : '')
  }
  return ''
}

const taskFacts = (container: unknown): Fact[] => [
  { label: 'image', value: textAt(container, 'image'), kind: 'mono' },
  { label: 'ports', value: listAt(container, 'ports').map(portWords) },
  { label: 'requests', value: pairsAt(container, 'resources', 'requests') },
  { label: 'limits', value: pairsAt(container, 'resources', 'limits') },
  { label: 'probes', value: probes.flatMap((name) => probeWords(container, name)) },
  {
    label: 'command',
    value: [...listAt(container, 'command'), ...listAt(container, 'args')].map(quoted).join(' '),
    kind: 'mono',
  },
  {
    label: 'env',
    value: [...listAt(container, 'envFrom').map(sourceWords), ...listAt(container, 'env').map(envWords)],
  },
  { label: 'mounts', value: listAt(container, 'volumeMounts').map(mountWords) },
]

const quoted = (word: unknown): string => (/^[\w@%+=:,./-]+$/.test(String(word)) ? String(word) : JSON.stringify(word))

const portWords = (port: unknown): string => {
  const number = `${textAt(port, 'containerPort')}/${textAt(port, 'protocol') || 'TCP'}`
  return textAt(port, 'name') ? `${textAt(port, 'name')} ${number}` : number
}

const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const

/** `readiness: GET :8080/healthz every 10 s`. */
function probeWords(container: unknown, name: (typeof probes)[number]): string[] {
  const probe = at(container, name)
  if (!probe) return []
  return [`${name.replace('Probe', '')}: ${wayOf(probe)}, ${textAt(probe, 'periodSeconds') || '10'} s`]
}

function wayOf(probe: unknown): string {
  const http = at(probe, 'httpGet')
  if (http) return `GET :${textAt(http, 'port')}${textAt(http, 'path') || '/'}`
  if (at(probe, 'tcpSocket')) return `TCP :${textAt(probe, 'tcpSocket', 'port')}`
  if (at(probe, 'grpc')) return `gRPC :${textAt(probe, 'grpc', 'port')}`
  return listAt(probe, 'exec', 'command').map(quoted).join(' ')
}

/** What a variable's value comes from, `Secret web-db: url`; values that stand in the spec as they are. */
function envWords(variable: unknown): string {
  const name = textAt(variable, 'name')
  const from = at(variable, 'valueFrom')
  if (!from) return `${name}=${textAt(variable, 'value')}`
  const [key, kind] = at(from, 'secretKeyRef')
    ? (['secretKeyRef', 'Secret'] as const)
    : (['configMapKeyRef', 'ConfigMap'] as const)
  if (at(from, key)) return `${name} ← ${kind} ${textAt(from, key, 'name')}: ${textAt(from, key, 'key')}`
  return `${name} ← ${textAt(from, 'fieldRef', 'fieldPath') || textAt(from, 'resourceFieldRef', 'resource')}`
}

function sourceWords(source: unknown): string {
  const [field, kind] = at(source, 'secretRef')
    ? (['secretRef', 'Secret'] as const)
    : (['configMapRef', 'ConfigMap'] as const)
  return `${textAt(source, 'prefix')}* ← ${kind} ${textAt(source, field, 'name')}`
}

function mountWords(mount: unknown): string {
  const sub = textAt(mount, 'subPath')
  const readOnly = at(mount, 'readOnly') === true ? ' (ro)' : ''
  return `${textAt(mount, 'mountPath')} ← ${textAt(mount, 'name')}${sub ? `/${sub}` : ''}${readOnly}`
}
