import type { ServedVersion } from '../descriptor.ts'
import { deprecated } from '../deprecation.ts'

export const storageGroup = 'storage.k8s.io'

/** storage v1beta1: the same shape, without its defaults. */
export function oldStorage(kind: string, since: string): Pick<ServedVersion, 'group' | 'version' | 'deprecated'> {
  return {
    group: storageGroup,
    version: 'v1beta1',
    deprecated: deprecated(since, '1.22', `${storageGroup}/v1 ${kind}`),
  }
}
