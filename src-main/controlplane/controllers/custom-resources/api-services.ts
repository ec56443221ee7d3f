import type { APIService } from '#types/apiregistration.k8s.io/v1'
import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import { refs } from '../../../../src-kube/client/refs.ts'
import { isAlreadyExists, isNotFound } from '../../../../src-kube/machinery/errors.ts'
import type { Draft } from '../../../../src-kube/machinery/meta.ts'
import {
  type AnyController,
  type ControllerContext,
  defineController,
  done,
} from '../../../../src-kube/runtime/controller.ts'
import { conditionOf } from './conditions.ts'

const MANAGED = 'kube-aggregator.kubernetes.io/automanaged'
/** Custom groups come after all that are built in (reference: kube-apiserver's crdregistration). */
const GROUP_PRIORITY = 1000
const VERSION_PRIORITY = 100

/** Keeps an APIService for each group version that definitions serve, as for those that are built in. */
export function customResourceApiServices(): AnyController {
  return defineController<CustomResourceDefinition>({
    name: 'crd-registration',
    for: refs.customResourceDefinitions,
    workers: 1,
    async reconcile(ctx, crd) {
      await settle(ctx, crd.spec.group)
      return done
    },
    // A definition's name is its plural and its group.
    gone: (ctx, name) => settle(ctx, name.slice(name.indexOf('.') + 1)),
  })
}

async function settle(ctx: ControllerContext, group: string): Promise<void> {
  const services = ctx.client.resource(refs.apiServices)
  const wanted = versionsOf(ctx.informer(refs.customResourceDefinitions).list(), group)
  const { items } = await services.list()
  const standing = items.filter(({ spec }) => spec.group === group)
  for (const version of wanted) {
    if (standing.some(({ spec }) => spec.version === version)) continue
    await unless(isAlreadyExists, services.create(serviceFor(group, version)))
  }
  for (const { metadata, spec } of standing) {
    if (metadata.labels?.[MANAGED] !== 'true' || wanted.has(spec.version ?? '')) continue
    await unless(isNotFound, services.delete(metadata.name))
  }
}

function versionsOf(crds: readonly CustomResourceDefinition[], group: string): Set<string> {
  const established = crds.filter(
    (crd) => crd.spec.group === group && conditionOf(crd, 'Established')?.status === 'True',
  )
  return new Set(
    established.flatMap(({ spec }) => spec.versions.filter(({ served }) => served).map(({ name }) => name)),
  )
}

const serviceFor = (group: string, version: string): Draft<APIService> => ({
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: `${version}.${group}`, labels: { [MANAGED]: 'true' } },
  spec: { group, version, groupPriorityMinimum: GROUP_PRIORITY, versionPriority: VERSION_PRIORITY },
})

/** Somebody else may have been first. */
async function unless(expected: (error: unknown) => boolean, write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!expected(error)) throw error
  }
}
