import { expect, it } from 'vitest'
import { labelsOf, namesOf } from './names.ts'

it('all that a cluster has in Docker carries its name, so that two clusters never touch each other', () => {
  const { network, sharedVolume, container, dockerVolume, kubeletVolume } = namesOf('dev')
  expect([network, sharedVolume, container('n1'), dockerVolume('n1'), kubeletVolume('n1')]).toEqual([
    'drydock-dev',
    'drydock-dev-volumes',
    'drydock-dev-n1',
    'drydock-dev-n1-docker',
    'drydock-dev-n1-kubelet',
  ])
})

it('labels tell the cluster, what a thing is for, and the node if it belongs to one', () => {
  expect(labelsOf('dev', 'network')).toEqual({ 'dev.drydock.cluster': 'dev', 'dev.drydock.purpose': 'network' })
  expect(labelsOf('dev', 'node', 'n1')).toEqual({
    'dev.drydock.cluster': 'dev',
    'dev.drydock.purpose': 'node',
    'dev.drydock.node': 'n1',
  })
})
