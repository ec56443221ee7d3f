import type { ConfigMap } from '#types/core/v1'
import type { Informer } from '../../src-kube/client/informer.ts'
import { COREFILE, DNS_CONFIG_NAME } from '../../src-kube/kinds/core/dns-config.ts'
import { type Forward, forwardsOf, serversFor } from './plan/corefile.ts'

/** Who is asked for a name that is not the cluster's: `address` or `address:port`, in this order. */
export type Servers = (name: string) => readonly string[]

/** Follows the ConfigMap `coredns`, from the next query on; without one, and until it is known, the servers of the `node` are asked. */
export function followForwards(configs: Pick<Informer<ConfigMap>, 'on'>, node: readonly string[]): Servers {
  let forwards: readonly Forward[] = []
  const read = ({ metadata, data }: ConfigMap): void => {
    if (metadata.name === DNS_CONFIG_NAME) forwards = forwardsOf(data?.[COREFILE] ?? '')
  }
  configs.on({
    add: read,
    update: read,
    delete: ({ metadata }) => void (metadata.name === DNS_CONFIG_NAME && (forwards = [])),
  })
  return (name) => serversFor(name, forwards, node)
}
