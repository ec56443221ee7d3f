import { partial } from '../../../../src-kube/machinery/testing/partial.ts'
import { podGroup } from '../../plan/pod-group.ts'
import type { PodGroups } from '../pod-groups.ts'

/** Control groups of pods that are only named: for tests of all else. */
export const noGroups = (): PodGroups =>
  partial<PodGroups>({
    forSandbox: (pod) => Promise.resolve(podGroup(pod)),
    settled: (pod) => Promise.resolve(podGroup(pod)),
    grown: () => Promise.resolve(),
    memoryOf: () => Infinity,
    remove: () => Promise.resolve(),
  })
