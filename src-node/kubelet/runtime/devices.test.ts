import { expect, it } from 'vitest'
import { containerDevices } from './devices.ts'

const container = { name: 'c', volumeDevices: [{ name: 'v', devicePath: '/dev/xvda' }] }

it('a volume without a file system is a device of its container', () => {
  expect(containerDevices(container, new Map([['v', '/dev/loop1']]))).toEqual([
    { PathOnHost: '/dev/loop1', PathInContainer: '/dev/xvda', CgroupPermissions: 'mrw' },
  ])
  expect(containerDevices({ name: 'c' }, new Map())).toEqual([])
})

it('a device that is no volume of the pod is an error of its configuration', () => {
  expect(() => containerDevices(container, new Map())).toThrow('cannot find volume "v" to pass into container "c"')
})
