import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import { isMeasured } from '../api/usage.ts'
import { inOrder } from '../components/grid-columns.ts'
import type { KindView, ViewColumn } from '../kinds/view.ts'
import { useSavedLists, type ListColumns, type SavedList } from '../stores/saved-lists.ts'
import { useSettings } from '../stores/settings.ts'

/** The columns of a list as a person wants them. */
export interface ColumnChoice {
  /** In their order, those that are left out too. */
  ordered: ComputedRef<readonly ViewColumn[]>
  /** Those that are shown. */
  columns: ComputedRef<ViewColumn[]>
  /** Ids of those that would be empty all the way down: not every cluster measures. */
  unmeasured: ComputedRef<string[]>
  /** Ids of those that are left out. */
  hidden: WritableComputedRef<string[]>
  widths: ComputedRef<Record<string, number> | undefined>
  /** Whether there is an order or a width to give up. */
  isChanged: ComputedRef<boolean>
  /** All of it, to be kept. */
  current(): ListColumns
  resize(column: string, pixels: number): void
  setOrder(ids: string[]): void
  reset(): void
}

/** A saved list has columns of its own; all others of a kind share what was set for the kind. */
export function useListColumns(view: KindView, saved: () => SavedList | undefined): ColumnChoice {
  const settings = useSettings()
  const lists = useSavedLists()
  const own = (): ListColumns => {
    const order = settings.columnOrder[view.id]
    const widths = settings.columnWidths[view.id]
    const hidden = settings.hiddenColumns[view.id] ?? view.columns.flatMap((one) => (one.optional ? [one.id] : []))
    return { hidden, ...(order ? { order } : {}), ...(widths ? { widths } : {}) }
  }
  const current = (): ListColumns => saved()?.columns ?? own()
  function keep({ hidden, order, widths }: ListColumns): void {
    const list = saved()
    if (list) return lists.change(list.id, { columns: { hidden, ...(order && { order }), ...(widths && { widths }) } })
    settings.hiddenColumns[view.id] = hidden
    if (order) settings.columnOrder[view.id] = order
    else delete settings.columnOrder[view.id]
    if (widths) settings.columnWidths[view.id] = widths
    else delete settings.columnWidths[view.id]
  }
  const unmeasured = computed(() => (view.id === 'pods' && !isMeasured('pods') ? ['cpu', 'memory'] : []))
  const ordered = computed(() => inOrder(view.columns, current().order ?? []))
  const isShown = ({ id }: ViewColumn, at: number): boolean =>
    at === 0 || !(current().hidden.includes(id) || unmeasured.value.includes(id))
  return {
    ordered,
    unmeasured,
    columns: computed(() => ordered.value.filter(isShown)),
    hidden: computed({
      get: () => current().hidden,
      set: (hidden) => keep({ ...current(), hidden }),
    }),
    widths: computed(() => current().widths),
    isChanged: computed(() => current().widths !== undefined || current().order !== undefined),
    current,
    resize: (column, pixels) => keep({ ...current(), widths: { ...current().widths, [column]: pixels } }),
    setOrder: (order) => keep({ ...current(), order }),
    reset: () => keep({ hidden: current().hidden }),
  }
}
