import type { Pod } from '#types/core/v1'
import type { Plugin } from '../framework/plugin.ts'

const MEGABYTE = 1024 * 1024
const LEAST = 23 * MEGABYTE
const MOST_PER_CONTAINER = 1000 * MEGABYTE

/** As nodes report it: a name without a tag or digest is of the tag `latest`. */
function normalName(image: string): string {
  return image.lastIndexOf(':') > image.lastIndexOf('/') ? image : `${image}:latest`
}

/** Images of containers, and those mounted as volumes. */
function imagesOf({ spec }: Pod): string[] {
  const names: string[] = []
  for (const { image } of spec.initContainers ?? []) names.push(normalName(image ?? ''))
  for (const { image } of spec.containers) names.push(normalName(image ?? ''))
  for (const { image } of spec.volumes ?? []) if (image) names.push(normalName(image.reference ?? ''))
  return names
}

/** Likes nodes that have the images already; an image that is on few nodes counts less, so that pods do not heap up there. */
export const imageLocality: Plugin = {
  name: 'ImageLocality',
  preScore({ pod }, snapshot) {
    const total = snapshot.nodes.length
    const all = imagesOf(pod)
    const images = all.map((name) => ({ name, spread: snapshot.imageNodes(name) / total }))
    const present = images.filter(({ spread }) => spread > 0)
    if (present.length === 0) return undefined
    const most = MOST_PER_CONTAINER * all.length
    return {
      score(node) {
        let sum = 0
        for (const { name, spread } of present) sum += Math.floor((node.images.get(name) ?? 0) * spread)
        const bounded = Math.min(most, Math.max(LEAST, sum))
        return Math.floor(((bounded - LEAST) * 100) / (most - LEAST))
      },
    }
  },
}
