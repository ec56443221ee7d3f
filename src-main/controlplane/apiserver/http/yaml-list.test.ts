import { expect, test } from 'vitest'
import { formatYaml } from '../../../../src-kube/machinery/format-yaml.ts'
import { yamlOfList } from './yaml-list.ts'

test.each([0, 1, 100, 250])(
  'a list of %d is what it would be in one go, and others get their turn meanwhile',
  async (count) => {
    const items = Array.from({ length: count }, (_, i) => ({
      metadata: { name: `p${i}` },
      spec: { args: ['-v', '2'] },
    }))
    const list = { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '7' }, items }
    let turns = 0
    let isDone = false
    const other = (): void => {
      turns++
      if (!isDone) setImmediate(other)
    }
    setImmediate(other)
    const text = (await yamlOfList(list)).toString()
    isDone = true
    expect(text).toBe(formatYaml(list))
    expect(turns).toBeGreaterThanOrEqual(Math.ceil(count / 100))
  },
)
