import type { Ingress, IngressClass } from '#types/networking.k8s.io/v1'

/** The controller that routes Ingresses of the cluster, as an IngressClass names it. */
export const INGRESS_CONTROLLER = 'drydock.dev/ingress-nginx'

/** How Ingresses named their class before there was a field for it. */
const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'

const DEFAULT_ANNOTATION = 'ingressclass.kubernetes.io/is-default-class'

/** Whether Ingresses that name no class are of this one (kubernetes.io, "Ingress: Default IngressClass"). */
export const isDefaultClass = ({ metadata }: IngressClass): boolean =>
  metadata.annotations?.[DEFAULT_ANNOTATION] === 'true'

/**
 * Whether {@link INGRESS_CONTROLLER} routes an Ingress (kubernetes.io, "Ingress: Ingress class"): its class, by field or annotation, is one of the
 * controller's; one that names none is routed while a class of the controller's is the default.
 */
export function isRouted(ingress: Ingress, classes: readonly IngressClass[]): boolean {
  const ours = classes.filter(({ spec }) => spec?.controller === INGRESS_CONTROLLER)
  const { metadata, spec } = ingress
  const named = spec?.ingressClassName ?? metadata.annotations?.[CLASS_ANNOTATION]
  return ours.some((one) => (named === undefined ? isDefaultClass(one) : one.metadata.name === named))
}
