import type Docker from 'dockerode'
import type { Container } from '#types/core/v1'
import type { LayersOf } from '../volumes/image.ts'
import type { Images } from './images.ts'

interface GraphDriver {
  Name: string
  Data: { UpperDir?: string; LowerDir?: string } | null
}

/** Puts the image of a volume on the node, with the pod's own rights to pull, and says where its layers lie. */
export function createImageLayers(docker: Docker, images: Pick<Images, 'ensure'>): LayersOf {
  return async (pod, { reference = '', pullPolicy }) => {
    // No container of the pod asks: its events are the pod's.
    const wanted: Container = { name: '', image: reference, ...(pullPolicy ? { imagePullPolicy: pullPolicy } : {}) }
    await images.ensure(pod, wanted)
    const { GraphDriver } = (await docker.getImage(reference).inspect()) as { GraphDriver: GraphDriver }
    const { UpperDir, LowerDir } = GraphDriver.Data ?? {}
    if (GraphDriver.Name !== 'overlay2' || !UpperDir) {
      throw new Error(`image volumes need the storage driver overlay2, and this node has ${GraphDriver.Name}`)
    }
    return [UpperDir, ...(LowerDir ? LowerDir.split(':') : [])]
  }
}
