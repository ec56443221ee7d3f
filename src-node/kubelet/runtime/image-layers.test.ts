import type Docker from 'dockerode'
import { expect, it } from 'vitest'
import type { Container, Pod } from '#types/core/v1'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { createImageLayers } from './image-layers.ts'

const pod = {} as Pod

function arrange(GraphDriver: object) {
  const ensured: Container[] = []
  const docker = partial<Docker>({ getImage: () => ({ inspect: () => Promise.resolve({ GraphDriver }) }) })
  const layers = createImageLayers(docker, {
    ensure(_pod, container) {
      ensured.push(container)
      return Promise.resolve({ user: '' })
    },
  })
  return { layers, ensured }
}

it('an image is pulled by its policy, and its layers named from the top', async () => {
  const { layers, ensured } = arrange({ Name: 'overlay2', Data: { UpperDir: '/c', LowerDir: '/b:/a' } })
  expect(await layers(pod, { reference: 'data:1', pullPolicy: 'Always' })).toEqual(['/c', '/b', '/a'])
  expect(ensured).toEqual([{ name: '', image: 'data:1', imagePullPolicy: 'Always' }])
  expect(await arrange({ Name: 'overlay2', Data: { UpperDir: '/c' } }).layers(pod, { reference: 'a' })).toEqual(['/c'])
})

it('an engine that keeps images in another way is named', async () => {
  await expect(arrange({ Name: 'vfs', Data: null }).layers(pod, { reference: 'a' })).rejects.toThrow(
    'image volumes need the storage driver overlay2, and this node has vfs',
  )
})
