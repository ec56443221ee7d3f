import type { ConfigMap } from '#types/core/v1'
import type { Draft } from '../../machinery/meta.ts'

/** Where a cluster says whom its DNS asks for names of others (kubernetes.io, "Customizing DNS Service"). */
export const DNS_CONFIG_NAME = 'coredns'
/** The key of it that holds the words. */
export const COREFILE = 'Corefile'

/** The words of a new cluster: they say what its DNS does. */
const corefile = (domain: string): string => `.:53 {
    errors
    kubernetes ${domain} in-addr.arpa {
        fallthrough in-addr.arpa
        ttl 5
    }
    prometheus :9153
    forward . /etc/resolv.conf
    loadbalance
}
`

/** The cluster's DNS as people customise it; what they have made of it stays. */
export const dnsConfig = (domain: string): Draft<ConfigMap> => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: DNS_CONFIG_NAME, namespace: 'kube-system' },
  data: { [COREFILE]: corefile(domain) },
})
