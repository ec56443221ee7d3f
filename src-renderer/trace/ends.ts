import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import type { TraceDestination, TraceRequest, TraceSource } from '../../src-wire/trace/document.ts'
import { listAt, textAt } from '../kinds/view.ts'

/** What the form holds, as people write it and as links keep it. */
export interface TraceForm {
  /** `namespace/pod` or `node/name`. */
  from: string
  /** `svc/namespace/name`, `pod/namespace/name`, a name or an address. */
  to: string
  /** A number or the name of a service's port; empty for the first. */
  port: string
  protocol: '' | 'TCP' | 'UDP'
}

/** A pod or a node as it is written; undefined for what is neither. */
export function sourceOf(text: string): TraceSource | undefined {
  const [first = '', second = '', ...rest] = text.trim().split('/')
  if (first === '' || second === '' || rest.length > 0) return undefined
  return first === 'node' ? { kind: 'node', name: second } : { kind: 'pod', namespace: first, name: second }
}

/** What a person typed: a host, `svc/<namespace>/<name>` or `pod/<namespace>/<name>`; undefined for what is none of them. */
export function destinationOf(text: string): TraceDestination | undefined {
  const [first = '', namespace, name, ...rest] = text.trim().split('/')
  if (first === '' || rest.length > 0) return undefined
  if (namespace === undefined) return { kind: 'host', host: first }
  if (!namespace || !name) return undefined
  if (first === 'svc') return { kind: 'service', namespace, name }
  return first === 'pod' ? { kind: 'pod', namespace, name } : undefined
}

/** The request of a form; undefined while it is not whole. Only objects have ports that need not be named. */
export function requestOf({ from, to, port, protocol }: TraceForm): TraceRequest | undefined {
  const source = sourceOf(from)
  const destination = destinationOf(to)
  const number = /^\d+$/.test(port.trim()) ? Number(port) : undefined
  const isNamed = number !== undefined && number > 0 && number < 65_536
  if (!source || !destination || (number !== undefined && !isNamed)) return undefined
  if (destination.kind === 'host' && number === undefined) return undefined
  const text = port.trim()
  return {
    source,
    destination,
    ...(text === '' ? {} : { port: number ?? text }),
    ...(protocol === '' ? {} : { protocol }),
  }
}

/** How a link to a trace of an object begins: nodes send, services and pods are sent to. */
export function formFor(view: string, { metadata: { name, namespace = '' } }: KubeObject): Partial<TraceForm> {
  if (view === 'nodes') return { from: `node/${name}` }
  return { to: `${view === 'services' ? 'svc' : 'pod'}/${namespace}/${name}` }
}

/** Texts that are offered at most: a list of thousands helps nobody. */
const most = 200

const matching = (texts: readonly string[], typed: string): string[] =>
  texts.filter((text) => text.includes(typed.trim())).slice(0, most)

const isRunning = (pod: KubeObject): boolean => textAt(pod, 'status', 'phase') === 'Running'
const named = ({ metadata: { name, namespace = '' } }: KubeObject): string => `${namespace}/${name}`

/** Who can send, by what was typed so far. */
export const senders = (pods: Iterable<KubeObject>, nodes: Iterable<KubeObject>, typed: string): string[] =>
  matching(
    [...[...pods].filter(isRunning).map(named).sort(), ...[...nodes].map(({ metadata }) => `node/${metadata.name}`)],
    typed,
  )

/** To whom, by what was typed so far. */
export const receivers = (services: Iterable<KubeObject>, pods: Iterable<KubeObject>, typed: string): string[] =>
  matching(
    [...[...services].map((one) => `svc/${named(one)}`).sort(), ...[...pods].map((one) => `pod/${named(one)}`).sort()],
    typed,
  )

/** A pod that may well send: a running one beside the receiver, which is not the receiver itself. */
export function likelySender(pods: Iterable<KubeObject>, to: string): string {
  const [, namespace, name] = to.split('/')
  const running = [...pods].filter((pod) => isRunning(pod) && !(to.startsWith('pod/') && pod.metadata.name === name))
  const beside = running.filter((pod) => pod.metadata.namespace === namespace)
  const first = beside.map(named).sort()[0] ?? running.map(named).sort()[0]
  return first ?? ''
}

/** Ports of a service as they can be asked for. */
export const portsOf = (service: KubeObject | undefined): string[] =>
  listAt(service, 'spec', 'ports').map((port) => textAt(port, 'port'))
