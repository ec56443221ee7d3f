import type { IngressClass } from '#types/networking.k8s.io/v1'
import { refs } from '../../../src-kube/client/refs.ts'
import type { Transport } from '../../../src-kube/client/transport.ts'
import { createClient } from '../../../src-kube/client/typed-client.ts'
import { INGRESS_CONTROLLER } from '../../../src-kube/kinds/networking/ingress-controller.ts'
import type { Draft } from '../../../src-kube/machinery/meta.ts'

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'
const NAME = 'nginx'

/**
 * The class that Ingresses get which name none, under the name that tutorials have. Where a cluster has a default class already it is not another: of two
 * neither is (kubernetes.io, "Ingress: Default IngressClass").
 */
export async function ingressClass(
  transport: Transport,
): Promise<Draft<IngressClass> & { metadata: { name: string } }> {
  const { items } = await createClient(transport).resource(refs.ingressClasses).list()
  const others = items.filter(({ metadata }) => metadata.name !== NAME)
  const isDefault = !others.some(({ metadata }) => metadata.annotations?.[DEFAULT_ANNOTATION] === 'true')
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: NAME, ...(isDefault ? { annotations: { [DEFAULT_ANNOTATION]: 'true' } } : {}) },
    spec: { controller: INGRESS_CONTROLLER },
  }
}
