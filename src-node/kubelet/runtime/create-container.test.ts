import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import { describe, expect, it } from 'vitest'
import { partial } from '../../../src-kube/machinery/testing/partial.ts'
import { createContainer, type Grants } from './create-container.ts'

/** An engine that remembers what it was asked for and refuses what `refuse` has words for. */
function fakeEngine(refuse: (options: ContainerCreateOptions) => string | undefined, taken: string[] = []) {
  const asked: ContainerCreateOptions[] = []
  const removed: string[] = []
  const containerOf = (id: string, options?: ContainerCreateOptions) => ({
    id,
    start() {
      const words = options && refuse(options)
      return words ? Promise.reject(Object.assign(new Error(words), { statusCode: 500 })) : Promise.resolve()
    },
    remove() {
      removed.push(id)
      taken.splice(0)
      return Promise.resolve()
    },
  })
  const docker = {
    createContainer(options: ContainerCreateOptions) {
      if (taken.includes(options.name!)) return Promise.reject(Object.assign(new Error('in use'), { statusCode: 409 }))
      asked.push(options)
      return Promise.resolve(containerOf(`id-${asked.length}`, options))
    },
    getContainer: (name: string) => containerOf(name),
  } as Docker
  return { docker, asked, removed }
}

const wanted = (grants: Grants): ContainerCreateOptions => ({
  name: 'x',
  HostConfig: { Privileged: grants.privileged, OomScoreAdj: grants.lowOomScore ? -997 : 0 },
})
const everything = (): Grants => ({ privileged: true, lowOomScore: true })

describe('creating a container', () => {
  it('gives up one refused right after the other, once for the node', async () => {
    const { docker, asked, removed } = fakeEngine(({ HostConfig }) =>
      (HostConfig?.OomScoreAdj ?? 0) < 0
        ? 'runc: write /proc/self/oom_score_adj: permission denied'
        : HostConfig?.Privileged
          ? 'unable to apply caps: operation not permitted'
          : undefined,
    )
    const grants = everything()
    expect(await createContainer(docker, grants, wanted)).toBe('id-3')
    expect(removed).toEqual(['id-1', 'id-2'])
    expect(grants).toEqual({ privileged: false, lowOomScore: false })
    await createContainer(docker, grants, wanted)
    expect(asked).toHaveLength(4)
  })

  it('asks again without the right for each of several that were refused at once', async () => {
    const { docker } = fakeEngine(({ HostConfig }) =>
      (HostConfig?.OomScoreAdj ?? 0) < 0 ? 'write /proc/self/oom_score_adj: permission denied' : undefined,
    )
    const grants = everything()
    const all = [1, 2, 3].map(() => createContainer(docker, grants, wanted))
    expect(await Promise.all(all)).toEqual(['id-4', 'id-5', 'id-6'])
  })

  it('takes the first process that ended over its score for a refusal too, as older runtimes tell it', async () => {
    const { docker } = fakeEngine(({ HostConfig }) =>
      (HostConfig?.OomScoreAdj ?? 0) < 0
        ? "runc create failed: unable to start container process: can't get final child's PID from pipe: EOF"
        : undefined,
    )
    const grants = everything()
    expect(await createContainer(docker, grants, wanted)).toBe('id-2')
    expect(grants.lowOomScore).toBe(false)
  })

  it('says which container is there and cannot run', async () => {
    const { docker, removed } = fakeEngine(() => 'exec: "nothing": executable file not found in $PATH')
    await expect(createContainer(docker, everything(), wanted)).rejects.toMatchObject({
      reason: 'RunContainerError',
      containerId: 'id-1',
      message: 'exec: "nothing": executable file not found in $PATH',
    })
    expect(removed).toEqual([])
  })

  it('does not take a failure for a refusal of a right that was not asked for', async () => {
    const { docker } = fakeEngine(() => 'mount: operation not permitted')
    const grants = everything()
    await expect(createContainer(docker, grants, () => ({ name: 'x' }))).rejects.toThrow('mount')
    expect(grants).toEqual(everything())
  })

  it('takes the place of one of its name that an agent left behind', async () => {
    const { docker, removed } = fakeEngine(() => undefined, ['x'])
    expect(await createContainer(docker, everything(), wanted)).toBe('id-1')
    expect(removed).toEqual(['x'])
  })

  it('does not take an engine that went away for a container that cannot run', async () => {
    const start = () => Promise.reject(new Error('socket hang up'))
    const docker = partial<Docker>({ createContainer: () => Promise.resolve({ id: 'a', start }) })
    await expect(createContainer(docker, everything(), wanted)).rejects.toMatchObject({
      name: 'Error',
      message: 'socket hang up',
    })
  })

  it('says why the engine does not create one, in its own words', async () => {
    const refusal = Object.assign(new Error('(HTTP code 400) bad parameter - no such image'), {
      statusCode: 400,
    })
    const docker = partial<Docker>({ createContainer: () => Promise.reject(refusal) })
    await expect(createContainer(docker, everything(), wanted)).rejects.toMatchObject({
      message: 'no such image',
      reason: 'CreateContainerError',
      cause: refusal,
    })
  })
})
