import { expect, it } from 'vitest'
import type { Pod } from '#types/core/v1'
import type { Observed } from './observed.ts'
import { remembered } from './remembered.ts'

it('of a container that still runs what was said of it counts on, of one that ended or was replaced not', () => {
  const said = (name: string) => ({ name, containerID: `docker://${name}-0`, ready: true })
  const status = { containerStatuses: [said('a'), said('b'), said('c')], initContainerStatuses: [said('side')] }
  const seen = (name: string, id: string, state = 'running') => ({ name, id, state, attempt: 0 }) as Observed
  const observed = [seen('a', 'a-0'), seen('b', 'b-1'), seen('c', 'c-0', 'exited'), seen('side', 'side-0')]
  const names = (pod: object) => remembered(pod as Pod, observed).map(({ name }) => name)
  expect(names({ status })).toEqual(['a', 'side'])
  expect(names({})).toEqual([])
})
