import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../src-kube/machinery/errors.ts'
import { formatTime } from '../../../src-kube/machinery/time.ts'
import { ISSUER } from './auth/service-account-tokens.ts'
import type { Exchange } from './http/exchange.ts'
import { serverVersion } from './version.ts'

/** What `/statusz` and `/flagz` tell of (KEP-4827, KEP-4828). */
export interface ZPageContext {
  /** `https://127.0.0.1:6443`. */
  address: string
  clock: Clock
}

/** A page in both its forms. */
interface Page {
  kind: 'Statusz' | 'Flagz'
  title: string
  /** Lines of the plain text. */
  lines: readonly string[]
  /** Fields of the object. */
  fields: object
}

const COMPONENT = 'kube-apiserver'
const WARNING =
  'Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is for debugging purposes only.'
const GROUP = 'config.k8s.io'
const versions = ['v1beta1', 'v1alpha1']
/** What else there is to look at. */
const paths = ['/healthz', '/livez', '/metrics', '/readyz', '/statusz', '/version']

/** `/statusz` and `/flagz` (kubernetes.io, "Kubernetes z-pages"; KEP-4827, KEP-4828); undefined for other paths. */
export function zPage(path: string, context: ZPageContext): ((exchange: Exchange) => void) | undefined {
  if (path === '/statusz') return (exchange) => send(exchange, statusz(context))
  if (path === '/flagz') return (exchange) => send(exchange, flagz(context))
  return undefined
}

function statusz({ clock }: ZPageContext): Page {
  // The clock that never goes back began with the process.
  const seconds = Math.floor(clock.monotonic() / 1000)
  const start = clock.now() - seconds * 1000
  const binaryVersion = serverVersion.gitVersion.replace(/^v/, '')
  const emulationVersion = `${serverVersion.emulationMajor}.${serverVersion.emulationMinor}`
  const lines = [
    `Started: ${unixDate(start)}`,
    `Up: ${uptime(seconds)}`,
    `Go version: ${serverVersion.goVersion}`,
    `Binary version: ${binaryVersion}`,
    `Emulation version: ${emulationVersion}`,
    `Paths: ${paths.join(' ')}`,
  ]
  const fields = {
    startTime: formatTime(start),
    uptimeSeconds: seconds,
    goVersion: serverVersion.goVersion,
    binaryVersion,
    emulationVersion,
    minimumCompatibilityVersion: `${serverVersion.minCompatibilityMajor}.${serverVersion.minCompatibilityMinor}`,
    paths,
  }
  return { kind: 'Statusz', title: 'statusz', lines, fields }
}

/** Nobody gives this server flags; it tells those of upstream's that would make a server like it. */
function flagz({ address }: ZPageContext): Page {
  const { hostname, port } = new URL(address)
  const flags: Record<string, string> = {
    'anonymous-auth': 'true',
    'authorization-mode': '[Node,RBAC]',
    'bind-address': hostname,
    'enable-priority-and-fairness': 'true',
    'min-request-timeout': '1800',
    'request-timeout': '1m0s',
    'secure-port': port,
    'service-account-issuer': `[${ISSUER}]`,
  }
  const lines = Object.entries(flags).map(([name, value]) => `${name}=${value}`)
  return { kind: 'Flagz', title: 'flags', lines, fields: { flags } }
}

/** `Wed Oct 16 21:03:43 UTC 2024`. */
function unixDate(time: number): string {
  const [day, date, month, year, clock] = new Date(time).toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${Number(date).toString().padStart(2)} ${clock} UTC ${year}`
}

function uptime(seconds: number): string {
  const two = (value: number): string => String(value % 60).padStart(2, '0')
  return `${Math.floor(seconds / 3600)} hr ${two(Math.floor(seconds / 60))} min ${two(seconds)} sec`
}

/** Text for people, unless the object is asked for by its full name. Throws 406 when neither will do. */
function send(exchange: Exchange, { kind, title, lines, fields }: Page): void {
  const accepted = (exchange.header('accept') ?? '*/*')
    .split(',')
    .map((one) => one.split(';').map((part) => part.trim()))
  for (const [type, ...parameters] of accepted) {
    if (type === '*/*' || type === 'text/*' || type === 'text/plain') {
      const text = `\n${[`${COMPONENT} ${title}`, WARNING, '', ...lines].join('\n')}\n`
      return exchange.send(200, text, 'text/plain; charset=utf-8')
    }
    const version = type === 'application/json' ? versionOf(parameters, kind) : undefined
    if (version)
      return exchange.sendJson(200, {
        kind,
        apiVersion: `${GROUP}/${version}`,
        metadata: { name: COMPONENT },
        ...fields,
      })
  }
  const structured = versions.map((version) => `application/json;g=${GROUP};v=${version};as=${kind}`)
  const types = ['text/plain', ...structured].join(', ')
  throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${types}`)
}

const versionOf = (parameters: readonly string[], kind: string): string | undefined =>
  parameters.includes(`g=${GROUP}`) && parameters.includes(`as=${kind}`)
    ? versions.find((version) => parameters.includes(`v=${version}`))
    : undefined
