import type { ControllerContext } from '../../../src-kube/runtime/controller.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import type { KubeObject } from '../../../src-kube/machinery/meta.ts'

/** What is in namespaces, of whichever server. Refusals are `StatusError`s. */
export interface NamespaceContent {
  items(ref: ResourceRef, namespace: string): Promise<readonly KubeObject[]>
  /** Deletes them all; those with finalizers stay until these are gone. */
  empty(ref: ResourceRef, namespace: string): Promise<unknown>
}

/** Content of namespaces that other servers of the cluster serve (kubernetes.io, "Kubernetes API Aggregation Layer"). */
export interface OtherContent extends NamespaceContent {
  /** Resources in namespaces that can be deleted. */
  list(): ResourceRef[]
  /** Group versions whose servers do not answer: nobody knows what is left of theirs. */
  silent(): string[]
}

const background = { propagationPolicy: 'Background' } as const

/** Of the server that the controller talks to. */
export const ownContent = ({ client }: ControllerContext): NamespaceContent => ({
  items: async (ref, namespace) => (await client.resource(ref).list({ namespace })).items,
  empty: (ref, namespace) =>
    client.transport.request({ verb: 'deletecollection', resource: ref, namespace, body: background }),
})
