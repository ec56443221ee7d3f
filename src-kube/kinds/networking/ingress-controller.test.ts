import { expect, it } from 'vitest'
import type { Ingress, IngressClass } from '#types/networking.k8s.io/v1'
import { partial } from '../../machinery/testing/partial.ts'
import { INGRESS_CONTROLLER, isRouted } from './ingress-controller.ts'

const classOf = (name: string, controller: string, isDefault = false): IngressClass =>
  ({
    metadata: { name, annotations: isDefault ? { 'ingressclass.kubernetes.io/is-default-class': 'true' } : {} },
    spec: { controller },
  }) as IngressClass
const ingressOf = (ingressClassName?: string, annotation?: string): Ingress =>
  partial<Ingress>({
    metadata: { name: 'web', ...(annotation ? { annotations: { 'kubernetes.io/ingress.class': annotation } } : {}) },
    spec: { ingressClassName },
  })

const ours = classOf('nginx', INGRESS_CONTROLLER, true)
const other = classOf('traefik', 'traefik.io/ingress-controller')

it('an Ingress is routed by the controller of the class that its field or its old annotation names', () => {
  expect(isRouted(ingressOf('nginx'), [other, ours])).toBe(true)
  expect(isRouted(ingressOf('traefik'), [other, ours])).toBe(false)
  expect(isRouted(ingressOf('gone'), [other, ours])).toBe(false)
  expect(isRouted(ingressOf(undefined, 'nginx'), [other, ours])).toBe(true)
  expect(isRouted(ingressOf(undefined, 'traefik'), [other, ours])).toBe(false)
})

it('an Ingress that names no class is routed while the class is the default', () => {
  expect(isRouted(ingressOf(), [ours])).toBe(true)
  expect(isRouted(ingressOf(), [classOf('nginx', INGRESS_CONTROLLER)])).toBe(false)
  expect(isRouted(ingressOf(), [classOf('nginx', 'k8s.io/ingress-nginx', true)])).toBe(false)
})
