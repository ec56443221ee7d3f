import type Docker from 'dockerode'
import { describe, expect, it } from 'vitest'
import { availableMemory, checkDisk, checkMemory, memoryFor } from './room.ts'

const docker = { info: () => Promise.resolve({ DockerRootDir: '/var/lib/docker' }) } as Docker

describe('checkDisk', () => {
  it('refuses with both figures when the disk of the engine has too little room', async () => {
    await expect(checkDisk(docker, () => Promise.resolve(1.25 * 2 ** 30))).rejects.toMatchObject({
      message: 'Too little disk: 1.3 GiB free in /var/lib/docker, and nodes need 3.0 GiB.',
      remedy: expect.stringContaining('docker system prune'),
    })
  })

  it('lets pass what is enough, and a disk that cannot be seen', async () => {
    for (const free of [3 * 2 ** 30, undefined])
      await expect(checkDisk(docker, () => Promise.resolve(free))).resolves.toBeUndefined()
  })
})

describe('checkMemory', () => {
  it('refuses more nodes than the memory holds, and says how many it does', async () => {
    await expect(checkMemory(docker, 5, 2 ** 30)).rejects.toMatchObject({
      message: 'Too little memory: 5 more nodes need 1.3 GiB, and 1.0 GiB are free.',
      remedy: 'Make at most 4, or end other programs and repeat.',
    })
    await expect(checkMemory(docker, 1, 2 ** 20)).rejects.toMatchObject({ remedy: 'End other programs and repeat.' })
    await checkMemory(docker, 4, 2 ** 30)
  })

  it('takes what an engine in a virtual machine was given, and does without where nothing is known', async () => {
    const engine = (info: object) => ({ info: () => Promise.resolve(info) }) as Docker
    expect(await memoryFor(engine({ DockerRootDir: '/nowhere/docker', MemTotal: 8 * 2 ** 30 }))).toBe(8 * 2 ** 30)
    await checkMemory(engine({}), 50)
  })

  it('reads what is available from the kernel', () => {
    expect(availableMemory('MemTotal:  100 kB\nMemAvailable:    2048 kB\n')).toBe(2 * 2 ** 20)
    expect(availableMemory('MemTotal: 100 kB\n')).toBeUndefined()
  })
})
