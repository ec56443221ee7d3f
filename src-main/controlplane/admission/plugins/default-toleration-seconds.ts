import type { Pod, Toleration } from '#types/core/v1'
import type { AdmissionPlugin } from '../admission.ts'

const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']
const SECONDS = 300

/**
 * Pods stay five minutes on a node that is not ready or out of reach, unless they say otherwise. Judged at updates too: a manifest that is applied
 * again brings its own tolerations alone.
 */
export function defaultTolerationSeconds(): AdmissionPlugin {
  return {
    name: 'DefaultTolerationSeconds',
    resources: ['pods'],
    handles: ({ operation, descriptor, subresource }) =>
      (operation === 'CREATE' || operation === 'UPDATE') && descriptor.kind === 'Pod' && subresource === '',
    admit({ object }) {
      const { spec } = object as Pod
      const missing = KEYS.filter((key) => !(spec.tolerations ?? []).some((toleration) => tolerates(toleration, key)))
      const added = missing.map((key): Toleration => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: SECONDS,
      }))
      // A spec that an update leaves alone is the stored object's own.
      if (added.length > 0) object!['spec'] = { ...spec, tolerations: [...(spec.tolerations ?? []), ...added] }
    },
  }
}

const tolerates = ({ key, effect }: Toleration, wanted: string): boolean =>
  (!key || key === wanted) && (!effect || effect === 'NoExecute')
