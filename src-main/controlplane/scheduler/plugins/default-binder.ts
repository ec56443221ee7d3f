import { refs } from '../../../../src-kube/client/refs.ts'
import type { Client } from '../../../../src-kube/client/typed-client.ts'
import type { Plugin } from '../framework/plugin.ts'

/** Binds by the `binding` subresource of the pod. */
export function defaultBinder(client: Client): Plugin {
  const pods = client.resource(refs.pods)
  return {
    name: 'DefaultBinder',
    async bind({ pod, nodeName, signal }) {
      const { name, namespace, uid } = pod.pod.metadata
      const metadata = { name, namespace, uid }
      const target = { kind: 'Node', name: nodeName }
      const body = { apiVersion: 'v1', kind: 'Binding', metadata, target }
      await pods.createSubresource({ subresource: 'binding', name, namespace, body, signal })
    },
  }
}
