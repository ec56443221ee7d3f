import type { Pod, Toleration } from '#types/core/v1'
import { deepFreeze } from '../../../../src-kube/machinery/deep-freeze.ts'
import type { AdmissionPlugin } from '../admission.ts'

/** Seconds that pods stay on a node that is not ready or not reachable, unless they say otherwise. */
const SECONDS = 300

/** What is added; all pods share it, since objects of the registry are never written into. */
const defaults = deepFreeze(
  ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
    key,
    operator: 'Exists' as const,
    effect: 'NoExecute' as const,
    tolerationSeconds: SECONDS,
  })),
)

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
      const tolerations = spec.tolerations?.length ? withDefaults(spec.tolerations) : defaults
      // A spec that an update leaves alone is the stored object's own.
      if (tolerations !== spec.tolerations) object!['spec'] = { ...spec, tolerations }
    },
  }
}

/** The very same when it lacks nothing. */
function withDefaults(given: Toleration[]): readonly Toleration[] {
  const added = defaults.filter(({ key }) => !given.some((toleration) => tolerates(toleration, key)))
  return added.length > 0 ? [...given, ...added] : given
}

const tolerates = ({ key, effect }: Toleration, wanted: string): boolean =>
  (!key || key === wanted) && (!effect || effect === 'NoExecute')
