import type { CustomResourceDefinition } from '#types/apiextensions.k8s.io/v1'
import type { Informer } from '../../../src-kube/client/informer.ts'
import type { ResourceRef } from '../../../src-kube/kinds/descriptor.ts'
import { parseApiVersion } from '../../../src-kube/machinery/gvk.ts'

/** Every resource that can be listed, watched and deleted: built in, and of established CRDs. */
export interface ResourceSource {
  list(): ResourceRef[]
  /** The resource of a kind, whatever the version asked for. */
  find(apiVersion: string, kind: string): ResourceRef | undefined
  /** Resolves when the CRDs are known. */
  readonly synced: Promise<void>
  /** Hears of resources that come and go, now and later. */
  on(handlers: { add(ref: ResourceRef): void; remove(ref: ResourceRef): void }): void
}

/** What can be listed and deleted: what is built in and what definitions add, as they come and go. */
export function resourceSource(
  builtIn: readonly ResourceRef[],
  crds: Informer<CustomResourceDefinition> | undefined,
): ResourceSource {
  const known = new Set(builtIn.map(({ group, resource }) => `${group}/${resource}`))
  /** None for a definition of what is built in. */
  const refOf = (crd: CustomResourceDefinition): ResourceRef[] =>
    servedAs(crd).filter(({ group, resource }) => !known.has(`${group}/${resource}`))
  const custom = (): ResourceRef[] => (crds?.list() ?? []).flatMap(refOf)
  const list = () => [...builtIn, ...custom()]
  return {
    list,
    synced: crds?.synced ?? Promise.resolve(),
    find(apiVersion, kind) {
      const { group } = parseApiVersion(apiVersion)
      return list().find((ref) => ref.kind === kind && ref.group === group)
    },
    on({ add, remove }) {
      for (const ref of builtIn) add(ref)
      crds?.on({
        add: (crd) => refOf(crd).forEach(add),
        update: (crd, old) => {
          const [before, now] = [refOf(old)[0], refOf(crd)[0]]
          if (before?.version === now?.version) return
          if (before) remove(before)
          if (now) add(now)
        },
        delete: (crd) => refOf(crd).forEach(remove),
      })
    },
  }
}

/** The version objects are stored in, or another when that is not served. */
function servedAs({ spec, status }: CustomResourceDefinition): ResourceRef[] {
  const established = status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True')
  const served = spec.versions.filter((v) => v.served)
  const version = (served.find((v) => v.storage) ?? served[0])?.name
  if (!established || !version) return []
  const { plural, kind } = spec.names
  return [{ group: spec.group, version, resource: plural, kind, namespaced: spec.scope === 'Namespaced' }]
}
