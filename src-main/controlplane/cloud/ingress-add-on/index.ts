import type { IngressClass } from '#types/networking.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import type { TypedRef } from '../../../../src-kube/client/typed-client.ts'
import { INGRESS_CONTROLLER, isRouted } from '../../../../src-kube/kinds/networking/ingress-controller.ts'
import { isAlreadyExists } from '../../../../src-kube/machinery/errors.ts'
import type { Draft, ObjectLike } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
  requeueAfter,
  watching,
} from '../../../../src-kube/runtime/controller.ts'
import {
  clusterRole,
  clusterRoleBinding,
  CONTROLLER_NAME,
  deployment,
  NAMESPACE,
  namespaceObject,
  service,
  serviceAccount,
  VERSION,
  VERSION_ANNOTATION,
} from './objects.ts'

/** While the namespace goes. */
const RETRY = 1_000

/**
 * Runs the ingress controller once there is an Ingress that it would route, so that a cluster without Ingresses pays nothing for it. It makes what is missing and
 * leaves what users changed; only a newer version of the add-on writes its objects again. It stays when the last Ingress goes. Without an IngressClass of
 * the controller nothing is made.
 */
export function ingressAddOn(): AnyController {
  const classesOf = (ctx: ControllerContext): string[] =>
    ctx
      .informer(refs.ingressClasses)
      .list()
      .filter((one) => isOurs(one))
      .map(({ metadata }) => metadata.name)
  const ours = ({ metadata }: ObjectLike, ctx: ControllerContext): string[] =>
    metadata.name === CONTROLLER_NAME && metadata.namespace === NAMESPACE ? classesOf(ctx) : []
  return defineController<IngressClass>({
    name: 'ingress-add-on',
    for: refs.ingressClasses,
    workers: 1,
    concerns: (one) => isOurs(one),
    watches: [
      watching(refs.ingresses, (_ingress, ctx) => classesOf(ctx)),
      watching(refs.deployments, ours),
      watching(refs.services, ours),
      watching(refs.namespaces, ({ metadata }, ctx) => (metadata.name === NAMESPACE ? classesOf(ctx) : [])),
    ],
    async reconcile(ctx, ingressClass) {
      if (!isOurs(ingressClass) || ingressClass.metadata.deletionTimestamp || !isNeeded(ctx)) return done
      if (ctx.informer(refs.namespaces).get(NAMESPACE)?.metadata.deletionTimestamp) return requeueAfter(RETRY)
      await install(ctx)
      return done
    },
  })
}

const isOurs = ({ spec }: IngressClass): boolean => spec?.controller === INGRESS_CONTROLLER

function isNeeded(ctx: ControllerContext): boolean {
  const classes = ctx.informer(refs.ingressClasses).list()
  return ctx
    .informer(refs.ingresses)
    .list()
    .some((ingress) => !ingress.metadata.deletionTimestamp && isRouted(ingress, classes))
}

async function install(ctx: ControllerContext): Promise<void> {
  const key = `${NAMESPACE}/${CONTROLLER_NAME}`
  const deployed = ctx.informer(refs.deployments).get(key)
  const isOld =
    deployed !== undefined && Number(deployed.metadata.annotations?.[VERSION_ANNOTATION] ?? VERSION) < Number(VERSION)
  if (deployed && !isOld && ctx.informer(refs.services).get(key)) return
  await ensure(ctx, refs.namespaces, namespaceObject(), isOld)
  await ensure(ctx, refs.serviceAccounts, serviceAccount(), isOld)
  await ensure(ctx, refs.clusterRoles, clusterRole(), isOld)
  await ensure(ctx, refs.clusterRoleBindings, clusterRoleBinding(), isOld)
  await ensure(ctx, refs.services, service(), isOld)
  await ensure(ctx, refs.deployments, deployment(), isOld)
}

/** Creates the object; one of an older version is told what the newer says, and keeps what only users said. */
async function ensure<T extends ObjectLike>(
  ctx: ControllerContext,
  ref: TypedRef<T>,
  object: Draft<T>,
  renew: boolean,
): Promise<void> {
  const { name = '', namespace: inside } = object.metadata
  try {
    await ctx.client.resource(ref).create(object)
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
    const type = 'application/strategic-merge-patch+json'
    if (renew) await ctx.client.resource(ref).patch({ name, namespace: inside, type, body: object })
  }
}
