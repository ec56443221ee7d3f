import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import { createClient } from '../../src-kube/client/typed-client.ts'
import { systemClock } from '../../src-kube/machinery/clock.ts'
import { httpTransport } from '../../src-wire/http-transport.ts'
import type { NetworkPolicyDocument } from '../../src-wire/node/network-policy.ts'
import { localStreams } from '../../src-wire/testing/local-streams.ts'
import { connectTunnel } from '../../src-wire/tunnel/connect-tunnel.ts'
import { startControlPlane } from './control-plane.ts'
import { openPki } from './pki/index.ts'

const oldPolicies = {
  group: 'extensions',
  version: 'v1beta1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
}

async function start() {
  const directory = mkdtempSync(join(tmpdir(), 'drydock-policies-'))
  const cidrs = { clusterCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/16' }
  const identity = { cluster: 'policies', directory, token: 'abcdef.0123456789abcdef' }
  const port = { port: 0, fixedPort: false, addresses: [] }
  const plane = await startControlPlane({ ...identity, ...port, ...cidrs, log: () => {} })
  const server = `https://127.0.0.1:${plane.port}`
  const api = httpTransport({ server, ...plane.admin })
  const stop = new AbortController()
  onTestFinished(async () => {
    stop.abort()
    api.close()
    await plane.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  const pki = await openPki(join(directory, 'pki'), { clock: systemClock, sans: { dns: [], ips: [] } })
  const documents: NetworkPolicyDocument[] = []
  const tls = { ca: pki.ca.cert, ...(await pki.client('system:node:n1', ['system:nodes'])) }
  const enforceNetworkPolicy = (document: NetworkPolicyDocument) => Promise.resolve(void documents.push(document))
  const streams = localStreams({ enforceNetworkPolicy })
  connectTunnel({ server, tls, node: 'n1', streams, signal: stop.signal })
  return { api, client: createClient(api), documents }
}

it('Network policies reach a connected node as what it is to enforce, whatever version they are written in', async () => {
  const { api, client, documents } = await start()
  const last = () => documents.at(-1)
  await vi.waitFor(() => expect(last()).toEqual({ peers: {}, ports: {}, rules: {}, pods: [] }))
  const [namespace, pods] = ['default', client.resource(refs.pods)]
  await vi.waitFor(() => client.resource(refs.serviceAccounts).get('default', namespace))
  const pod = await pods.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace, labels: { app: 'web' } },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'c' }] },
  })
  await pods.updateStatus({ ...pod, status: { phase: 'Running', podIP: '10.244.0.2' } })
  await api.request({
    verb: 'create',
    resource: oldPolicies,
    namespace,
    body: {
      apiVersion: 'extensions/v1beta1',
      kind: 'NetworkPolicy',
      metadata: { name: 'old', namespace },
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }] },
    },
  })
  await vi.waitFor(() =>
    expect([last()!.pods.map(({ ip, name }) => [ip, name]), Object.values(last()!.peers)]).toEqual([
      [['10.244.0.2', 'default/web']],
      [['10.244.0.2']],
    ]),
  )
  await client.resource(refs.networkPolicies).delete('old', namespace)
  await vi.waitFor(() => expect(last()!.pods).toEqual([]))
})
