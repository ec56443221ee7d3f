import type { Service } from '#types/core/v1'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { dialBackend, findBackend } from './backend.ts'
import type { StreamingOptions } from './index.ts'

/** A service that this server itself asks over TLS: a webhook's, or that of an aggregated group. */
export interface AskedService {
  namespace: string
  name: string
  port: number
  /** Who asks, as messages name them. */
  asker: string
}

/**
 * Connects with one of its endpoints through the tunnel of a node, or from this machine with the name that a service of type ExternalName
 * stands for, as upstream's resolver does: so a server under development is reached outside the cluster. Throws in Kubernetes' words when there
 * is no way; of a name that does not answer the connection tells.
 */
export async function dialService(options: StreamingOptions, asked: AskedService): Promise<Duplex> {
  const { namespace, name, port, asker } = asked
  const service = (await options.read.get('', 'services', namespace, name)) as Service | undefined
  const { type, externalName } = service?.spec ?? {}
  if (type === 'ExternalName' && externalName) return connect({ host: externalName, port })
  const backend = await findBackend(options, {
    resource: 'services',
    subresource: 'proxy',
    namespace,
    name: `https:${name}:${port}`,
    path: '',
    query: new URLSearchParams(),
    user: { name: asker, groups: [] },
  })
  return dialBackend(options, backend)
}
