import type { PersistentVolume } from '#types/core/v1'
import { labelsEqual } from '../framework/labels.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import type { Failure, Plugin } from '../framework/plugin.ts'
import type { PodInfo } from '../framework/pod-info.ts'
import type { Lookups } from '../framework/snapshot.ts'

const failure: Failure = { reasons: ['node(s) had no available volume zone'], unresolvable: true }

/** Labels that say where volumes can be reached, each with the name that nodes have for it now. */
const topology: ReadonlyArray<readonly [label: string, now: string]> = [
  ['failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['failure-domain.beta.kubernetes.io/region', 'topology.kubernetes.io/region'],
  ['topology.kubernetes.io/zone', 'topology.kubernetes.io/zone'],
  ['topology.kubernetes.io/region', 'topology.kubernetes.io/region'],
]

/** Between the zones of a volume that is in several. */
const SEPARATOR = '__'

interface Place {
  readonly label: string
  readonly now: string
  readonly values: ReadonlySet<string>
}

function placesOf({ metadata }: PersistentVolume): Place[] {
  return topology.flatMap(([label, now]) => {
    const value = metadata.labels?.[label]
    return value === undefined ? [] : [{ label, now, values: new Set(value.split(SEPARATOR)) }]
  })
}

/** Where the volumes of a pod's bound claims are; a claim that is not bound is VolumeBinding's concern. */
function placesOfPod({ pod, namespace }: PodInfo, lookups: Lookups): Place[] {
  return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    if (!persistentVolumeClaim) return []
    const name = lookups.claim(`${namespace}/${persistentVolumeClaim.claimName}`)?.spec.volumeName
    const volume = name ? lookups.volume(name) : undefined
    return volume ? placesOf(volume) : []
  })
}

function reaches({ labels }: NodeInfo, places: readonly Place[]): boolean {
  if (!topology.some(([label]) => labels[label] !== undefined)) return true
  return places.every(({ label, now, values }) => values.has(labels[label] ?? labels[now] ?? '\0'))
}

/** A labelled volume is had in its zone and region only (kubernetes.io, "Running in multiple zones: Storage access for zones"). */
export const volumeZone: Plugin = {
  name: 'VolumeZone',
  preFilter(pod, { lookups }) {
    if (!pod.pod.spec.volumes) return undefined
    const places = placesOfPod(pod, lookups)
    if (places.length === 0) return undefined
    return { check: (node) => (reaches(node, places) ? undefined : failure) }
  },
  mayHelp(event) {
    if (event.resource === 'volume') return true
    if (event.resource !== 'node') return false
    return !event.old || !labelsEqual(event.node.metadata.labels, event.old.metadata.labels)
  },
}
