import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { createIndexAhead } from './index-ahead.ts'

/** Idle moments that come when asked for; each lets one batch through. */
function setup(count: number) {
  const objects = new Map<string, KubeObject>()
  const add = (name: string) => objects.set(name, partial<KubeObject>({ metadata: { name } }))
  for (let i = 0; i < count; i++) add(`p${i}`)
  const waiting: Array<(deadline: { timeRemaining(): number }) => void> = []
  const indexed: string[] = []
  const ahead = createIndexAhead({
    objects: () => objects,
    index: (object) => indexed.push(object.metadata.name),
    idle: (run) => waiting.push(run),
  })
  return { add, ahead, indexed, waiting, moment: () => waiting.shift()?.({ timeRemaining: () => 0 }) }
}

describe('indexing ahead', () => {
  it('goes on in slices until everything is done', () => {
    const world = setup(120)
    world.ahead.again()
    expect(world.indexed).toHaveLength(0)
    world.moment()
    expect(world.indexed).toHaveLength(50)
    world.moment()
    world.moment()
    expect(world.indexed).toHaveLength(120)
    expect(world.waiting).toHaveLength(0)
  })

  it('takes up what comes while it runs, and runs once at a time', () => {
    const world = setup(60)
    world.ahead.again()
    world.moment()
    world.add('late')
    world.ahead.again()
    expect(world.waiting).toHaveLength(1)
    while (world.waiting.length > 0) world.moment()
    expect(world.indexed).toContain('late')
  })

  it('ends with its view', () => {
    const world = setup(60)
    world.ahead.again()
    world.ahead.stop()
    world.moment()
    world.ahead.again()
    expect([world.indexed.length, world.waiting.length]).toEqual([0, 0])
  })
})
