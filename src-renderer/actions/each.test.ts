import { describe, expect, it } from 'vitest'
import { StatusError } from '../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { views } from '../kinds/index.ts'
import { toEach } from './each.ts'
import type { ActionWorld } from './index.ts'
import { deleteAction } from './objects.ts'

const pods = (count: number): KubeObject[] =>
  Array.from({ length: count }, (_, at) => partial<KubeObject>({ metadata: { name: `web-${at}`, uid: `u${at}` } }))
const nameOf = ({ metadata }: KubeObject): string => metadata.name

function setup(send: (path: string) => Promise<unknown> = () => Promise.resolve()) {
  const said: string[] = []
  const settled: string[] = []
  const world = partial<ActionWorld>({
    cluster: { kube: { send: (_method: string, path: string) => send(path) } },
    ui: {
      ask: () => Promise.resolve(true),
      toast: (_kind: string, text: string) => void said.push(text),
      settle: (objects: readonly KubeObject[]) => void settled.push(...objects.map(nameOf)),
    },
    t: (key: string, values: object = {}) => `${key} ${Object.values(values).join('/')}`,
  })
  return { said, settled, world }
}

describe('an action on several objects', () => {
  it('tells in one message how many failed and why, and takes the marks of those that were done', async () => {
    const { said, settled, world } = setup()
    const done = await toEach(world, pods(6), async (pod) => {
      if (nameOf(pod) !== 'web-0')
        throw new Error(nameOf(pod) === 'web-5' ? 'web-4: forbidden' : `${nameOf(pod)}: forbidden`)
    })
    expect(done.map(nameOf)).toEqual(['web-0'])
    expect(said).toEqual(['failed.some 5/6\nweb-1: forbidden\nweb-2: forbidden\nweb-3: forbidden\nfailed.more 1'])
    expect(settled).toEqual(['web-0'])
  })

  it('leaves the marks when none was done, so that it can be tried again', async () => {
    const { said, settled, world } = setup()
    await toEach(world, pods(2), () => Promise.reject(new Error('the connection was lost')))
    expect(said).toEqual(['failed.all 2/2\nthe connection was lost'])
    expect(settled).toEqual([])
  })

  it('says of a single object what the server said, and nothing where all went well', async () => {
    const { said, settled, world } = setup()
    await toEach(world, pods(1), () => Promise.reject(new Error('forbidden')))
    await toEach(world, pods(3), () => Promise.resolve())
    expect(said).toEqual(['forbidden'])
    expect(settled).toEqual([])
  })

  it('asks for a few at a time', async () => {
    const { world } = setup()
    let [now, most, all] = [0, 0, 0]
    await toEach(world, pods(100), async () => {
      most = Math.max(most, ++now)
      await Promise.resolve()
      now--
      all++
    })
    expect([most, all]).toEqual([16, 100])
  })
})

it('what went by itself before it was deleted is deleted; what was made again meanwhile is told', async () => {
  const { said, settled, world } = setup((path) => {
    if (path.endsWith('web-1')) throw new StatusError(404, 'NotFound', 'pods "web-1" not found')
    if (path.endsWith('web-2')) throw new StatusError(409, 'Conflict', 'the UID in the precondition does not match')
    return Promise.resolve()
  })
  await deleteAction.run(
    world,
    views.find(({ id }) => id === 'pods')!,
    pods(3),
  )
  expect(said).toEqual(['failed.some 1/3\nthe UID in the precondition does not match'])
  expect(settled.toSorted()).toEqual(['web-0', 'web-1'])
})
