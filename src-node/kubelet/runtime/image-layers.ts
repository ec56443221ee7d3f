import type Docker from 'dockerode'
import type { Container } from '#types/core/v1'
import type { LayersOf } from '../volumes/image.ts'
import { layersOf } from './image-accounts.ts'
import type { Images } from './images.ts'

/** Puts the image of a volume on the node, with the pod's own rights to pull, and says where its layers lie. */
export function createImageLayers(docker: Docker, images: Pick<Images, 'ensure'>): LayersOf {
  return async (pod, { reference = '', pullPolicy }) => {
    // No container of the pod asks: its events are the pod's.
    const wanted: Container = { name: '', image: reference, ...(pullPolicy ? { imagePullPolicy: pullPolicy } : {}) }
    await images.ensure(pod, wanted)
    const image = await docker.getImage(reference).inspect()
    const layers = layersOf(image)
    if (layers.length > 0) return layers
    throw new Error(`image volumes need the storage driver overlay2, and this node has ${image.GraphDriver.Name}`)
  }
}
