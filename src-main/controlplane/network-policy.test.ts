import { expect, it, onTestFinished, vi } from 'vitest'
import { refs } from '../../src-kube/client/refs.ts'
import type { NetworkPolicyDocument } from '../../src-wire/node/network-policy.ts'
import { TestPlane } from './testing/test-plane.ts'

const oldPolicies = {
  group: 'extensions',
  version: 'v1beta1',
  resource: 'networkpolicies',
  kind: 'NetworkPolicy',
  namespaced: true,
}

async function start() {
  const plane = await TestPlane.start('policies')
  onTestFinished(() => plane.stop())
  const documents: NetworkPolicyDocument[] = []
  const enforceNetworkPolicy = async (document: NetworkPolicyDocument) => void documents.push(document)
  await plane.connectNode('n1', { enforceNetworkPolicy })
  return { api: plane.api, client: plane.client, documents }
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
