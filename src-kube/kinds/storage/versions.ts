import type { ServedVersion } from '../descriptor.ts'
import { deprecated } from '../deprecation.ts'

export const STORAGE_GROUP = 'storage.k8s.io'

/** storage v1beta1: the same shape, without its defaults. */
export function oldStorage(kind: string, since: string): Pick<ServedVersion, 'group' | 'version' | 'deprecated'> {
  return {
    group: STORAGE_GROUP,
    version: 'v1beta1',
    deprecated: deprecated(since, '1.22', `${STORAGE_GROUP}/v1 ${kind}`),
  }
}
