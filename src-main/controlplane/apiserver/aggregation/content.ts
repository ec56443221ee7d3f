import type { ResourceRef } from '../../../../src-kube/kinds/descriptor.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { UserInfo } from '../../admission/admission.ts'
import type { Aggregation } from './index.ts'
import type { AggregatedResource } from './resources.ts'

/** What other servers hold in namespaces, for the controller that empties them: what can be deleted is listed, then deleted as a whole or one by one. */
export function aggregatedContent(aggregation: Pick<Aggregation, 'served' | 'ask'>, user: UserInfo) {
  const deletable = () =>
    aggregation.served().flatMap(({ group, version, resources }) =>
      (resources as readonly AggregatedResource[])
        .filter(({ scope, verbs }) => scope === 'Namespaced' && verbs.includes('list') && verbs.includes('delete'))
        .map(({ resource, responseKind, verbs }) => ({
          ref: { group, version, resource, kind: responseKind.kind, namespaced: true },
          whole: verbs.includes('deletecollection'),
        })),
    )
  const ask = ({ group, version, resource }: ResourceRef, namespace: string, method: 'GET' | 'DELETE', name = '') =>
    aggregation.ask(group, version, {
      url: `/apis/${group}/${version}/namespaces/${namespace}/${resource}${name ? `/${name}` : ''}`,
      method,
      user,
      ...(method === 'DELETE' ? { body: { propagationPolicy: 'Background' } } : {}),
    })
  const items = async (ref: ResourceRef, namespace: string): Promise<readonly KubeObject[]> =>
    ((await ask(ref, namespace, 'GET')) as { items?: KubeObject[] } | undefined)?.items ?? []
  return {
    list: (): ResourceRef[] => deletable().map(({ ref }) => ref),
    silent: (): string[] =>
      aggregation.served().flatMap(({ group, version, stale }) => (stale ? [`${group}/${version}`] : [])),
    items,
    async empty(ref: ResourceRef, namespace: string): Promise<void> {
      const { group, version, resource } = ref
      const isIt = (one: ResourceRef): boolean =>
        one.group === group && one.version === version && one.resource === resource
      if (deletable().some((one) => one.whole && isIt(one.ref))) return void (await ask(ref, namespace, 'DELETE'))
      for (const { metadata } of await items(ref, namespace)) await ask(ref, namespace, 'DELETE', metadata.name)
    },
  }
}
