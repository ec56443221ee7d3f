import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import type { KindView } from '../kinds/view.ts'
import type { ActionWorld } from './index.ts'

/** Writes the fields of `body` into an object (JSON merge patch, RFC 7386): null takes a field away. Refusals are thrown. */
export async function mergeInto(
  { cluster }: Pick<ActionWorld, 'cluster'>,
  view: KindView,
  { metadata }: KubeObject,
  body: object,
): Promise<void> {
  const path = pathOf(view, { namespace: metadata.namespace, name: metadata.name })
  await cluster.kube.send('PATCH', path, body, 'application/merge-patch+json')
}
