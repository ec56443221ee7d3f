import type { DesktopImage } from '../../src-wire/gateway/actions.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { podImages, shortName } from '../kinds/pod-images.ts'
import { listAt, numberAt, textAt } from '../kinds/view.ts'

/** One image by its name, wherever it is or is asked for. */
export interface ImageRow {
  /** With its tag, as people write it: without `docker.io/library/`. */
  name: string
  /** What it takes; 0 when nobody says. */
  bytes: number
  isOnDesktop: boolean
  /** Names of the nodes that tell of it. */
  nodes: string[]
  /** How many pods ask for it. */
  pods: number
  /** How many of them cannot have it. */
  waiting: number
}

/** Pods wait for it in vain: nodes need not tell of all they have, so it is not enough that none tells of it. */
export const isMissing = ({ isOnDesktop, nodes, waiting }: ImageRow): boolean =>
  waiting > 0 && !isOnDesktop && nodes.length === 0

/** All images that nodes tell of, that pods ask for and that the desktop has; by name. */
export function imageRows(
  desktop: readonly DesktopImage[],
  nodes: Iterable<KubeObject>,
  pods: Iterable<KubeObject>,
): ImageRow[] {
  const rows = new Map<string, ImageRow>()
  const rowOf = (reference: string): ImageRow => {
    const name = shortName(reference)
    const row = rows.get(name) ?? { name, bytes: 0, isOnDesktop: false, nodes: [], pods: 0, waiting: 0 }
    rows.set(name, row)
    return row
  }
  for (const { reference, bytes } of desktop) Object.assign(rowOf(reference), { bytes, isOnDesktop: true })
  for (const { node, name, bytes } of [...nodes].flatMap(onNode)) {
    const row = rowOf(name)
    row.bytes ||= bytes
    if (!row.nodes.includes(node)) row.nodes.push(node)
  }
  for (const pod of pods) {
    const waits = waitsForImage(pod)
    for (const name of imagesOf(pod)) {
      rowOf(name).pods++
      if (waits.has(name)) rowOf(name).waiting++
    }
  }
  return [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** What a node tells of, an entry a name. */
const onNode = (node: KubeObject): Array<{ node: string; name: string; bytes: number }> =>
  listAt(node, 'status', 'images').flatMap((image) =>
    namesOf(image).map((name) => ({ node: node.metadata.name, name, bytes: numberAt(image, 'sizeBytes') })),
  )

/** The tags that an image has on a node; its digest when it has none. */
function namesOf(image: unknown): string[] {
  const names = listAt(image, 'names').filter((name): name is string => typeof name === 'string')
  const tags = names.filter((name) => !name.includes('@') && !name.startsWith('<none>'))
  return tags.length > 0 ? tags : names.slice(0, 1)
}

/** Pods that have ended ask for none. */
const imagesOf = (pod: KubeObject): string[] =>
  ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase')) ? [] : podImages(pod)

/** Reasons of containers that wait for an image which the node does not get. */
const imageReasons = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'RegistryUnavailable']

function waitsForImage(pod: KubeObject): Set<string> {
  const waits = (status: unknown): boolean => imageReasons.includes(textAt(status, 'state', 'waiting', 'reason'))
  const statuses = ['containerStatuses', 'initContainerStatuses'].flatMap((list) => listAt(pod, 'status', list))
  const names = new Set(statuses.filter(waits).map((status) => textAt(status, 'name')))
  const containers = [...listAt(pod, 'spec', 'containers'), ...listAt(pod, 'spec', 'initContainers')]
  const found = containers.filter((container) => names.has(textAt(container, 'name')))
  return new Set(found.map((container) => shortName(textAt(container, 'image'))))
}

/** A Deployment that runs an image, to begin with in the editor. */
export function deploymentOf(image: string): string {
  const path = image.split('@')[0]!.split('/').at(-1)!.split(':')[0]!
  const name =
    path
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'app'
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 1
  selector:
    matchLabels: { app: ${name} }
  template:
    metadata:
      labels: { app: ${name} }
    spec:
      containers:
        - name: ${name}
          image: ${image}
`
}
