import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { listAt, textAt } from '../kinds/view.ts'

/** A host and path of an Ingress, as the desktop answers for it. */
export interface DesktopPath {
  url: string
  /** What asks for it where the name of its host does not lead to this desktop; absent where it does. */
  command?: string | undefined
}

const desktop = '127.0.0.1'

/** Where the desktop answers for an Ingress of a cluster of our own: its status tells the ports, that of HTTPS after that of HTTP. */
export function desktopPathsOf(ingress: KubeObject): DesktopPath[] {
  const here = listAt(ingress, 'status', 'loadBalancer', 'ingress').find((one) => textAt(one, 'ip') === desktop)
  const [http, https] = listAt(here, 'ports').map((one) => textAt(one, 'port'))
  if (!http) return []
  const secured = new Set(listAt(ingress, 'spec', 'tls').flatMap((tls) => listAt(tls, 'hosts').map(String)))
  const rules = listAt(ingress, 'spec', 'rules')
  // A default backend alone has whatever no host has.
  if (rules.length === 0) return [{ url: `http://${desktop}${http === '80' ? '' : `:${http}`}/` }]
  return rules.flatMap((rule) => {
    const host = textAt(rule, 'host').replace(/^\*/, 'any')
    const isSecure = https !== undefined && secured.has(textAt(rule, 'host'))
    const [scheme, port] = isSecure ? ['https', https] : ['http', http]
    const suffix = port === (isSecure ? '443' : '80') ? '' : `:${port}`
    return listAt(rule, 'http', 'paths').map((one) => {
      const path = plainPath(textAt(one, 'path'))
      const url = `${scheme}://${host || desktop}${suffix}${path}`
      return leadsHere(host) ? { url } : { url, command: commandFor({ host, port: port!, isSecure, url }) }
    })
  })
}

/** Names under `localhost` do in browsers (RFC 6761). */
const leadsHere = (host: string): boolean => host === '' || /(^|\.)localhost$/.test(host)

function commandFor({
  host,
  port,
  isSecure,
  url,
}: {
  host: string
  port: string
  isSecure: boolean
  url: string
}): string {
  return `curl ${isSecure ? '-k ' : ''}--resolve ${host}:${port}:${desktop} ${url}`
}

/** What comes before the first character that only an expression has. */
const plainPath = (path: string): string => path.replace(/[^\w/.~%-].*$/, '') || '/'
