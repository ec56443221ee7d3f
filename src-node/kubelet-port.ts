import type { Transport } from '../src-kube/client/transport.ts'
import type { Client } from '../src-kube/client/typed-client.ts'
import type { NodeServices, PodStreams } from '../src-wire/node/pod-streams.ts'
import { serveKubelet, type KubeletUser } from '../src-wire/node/serve-kubelet.ts'
import { loadKeyPair, requestCertificate, saveKeyPair } from './identity/identity.ts'
import type { NodeConfig } from './node-config.ts'

/** What the port 10250 serves, and whose certificate it shows: one the cluster signs, asked for anew before it ends. */
export interface KubeletPortOptions {
  config: NodeConfig
  client: Client
  transport: Transport
  streams: PodStreams & NodeServices
  signal: AbortSignal
  /** Where the serving certificate is kept. */
  directory: string
}

const review = (group: string, resource: string, kind: string) => ({
  group,
  version: 'v1',
  resource,
  kind,
  namespaced: false,
})
const tokenReviews = review('authentication.k8s.io', 'tokenreviews', 'TokenReview')
const accessReviews = review('authorization.k8s.io', 'subjectaccessreviews', 'SubjectAccessReview')

/**
 * The kubelet's usual HTTPS port inside the node network. Its certificate is asked for like the client's, once the node's
 * addresses stand in its status; who may do what is asked of the API server, as kubelets do in Webhook mode.
 */
export async function openKubeletPort(options: KubeletPortOptions): Promise<void> {
  const { config, transport, streams, signal, directory } = options
  const kept = await loadKeyPair(directory, 'kubelet-serving', Date.now())
  const pair =
    kept ??
    (await requestCertificate({
      transport,
      node: config.node,
      signer: 'kubernetes.io/kubelet-serving',
      names: { dns: [config.node], ips: [config.address] },
      signal,
    }))
  if (!kept) await saveKeyPair(directory, 'kubelet-serving', pair)
  const ask = async (resource: typeof tokenReviews, body: object): Promise<Record<string, unknown>> => {
    const answer = await transport.request({
      verb: 'create',
      resource,
      body: { apiVersion: `${resource.group}/v1`, kind: resource.kind, metadata: {}, ...body },
    })
    return (answer['status'] ?? {}) as Record<string, unknown>
  }
  await serveKubelet({
    streams,
    tls: { ...pair, clientCa: config.ca },
    signal,
    async authenticate(token): Promise<KubeletUser | undefined> {
      const status = await ask(tokenReviews, { spec: { token } })
      const user = status['user'] as { username?: string; groups?: string[] } | undefined
      return status['authenticated'] === true && user?.username
        ? { name: user.username, groups: user.groups ?? [] }
        : undefined
    },
    async authorize(user, verb, subresource) {
      const resourceAttributes = { verb, resource: 'nodes', subresource, name: config.node, version: 'v1' }
      const status = await ask(accessReviews, { spec: { user: user.name, groups: user.groups, resourceAttributes } })
      return status['allowed'] === true
    },
  })
}
