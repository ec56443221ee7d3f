import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it } from 'vitest'
import { views } from '../kinds/index.ts'
import { useListColumns } from './use-list-columns.ts'

beforeEach(() => {
  localStorage.clear()
  setActivePinia(createPinia())
})
const columnsOf = (id: string) =>
  useListColumns(
    views.find((view) => view.id === id)!,
    () => undefined,
  )
const ids = (columns: ReadonlyArray<{ id: string }>): string[] => columns.map(({ id }) => id)

it('shows what a kind is known by, and more to who asks', () => {
  const { columns, hidden } = columnsOf('services')
  expect(hidden.value).toEqual(['selector'])
  expect(ids(columns.value)).not.toContain('selector')
  hidden.value = []
  expect(ids(columns.value)).toContain('selector')
})

it('leaves out what the cluster does not measure, and does not call it left out', () => {
  const { columns, unmeasured, hidden } = columnsOf('pods')
  expect(unmeasured.value).toEqual(['cpu', 'memory'])
  expect(ids(columns.value).filter((id) => unmeasured.value.includes(id))).toEqual([])
  expect(hidden.value).toEqual(['owner', 'qosClass'])
})
