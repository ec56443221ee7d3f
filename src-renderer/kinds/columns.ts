import { timeAt, type CellKind, type ViewColumn } from './view.ts'

export const column = (id: string, width: number, value: ViewColumn['value'], kind?: CellKind): ViewColumn => ({
  id,
  width,
  value,
  ...(kind ? { kind } : {}),
})

/** A column that is there for who asks for it. */
export const optional = (one: ViewColumn): ViewColumn => ({ ...one, optional: true })

export const name: ViewColumn = column('name', 340, (object) => object.metadata.name, 'name')
export const namespace: ViewColumn = column('namespace', 120, (object) => object.metadata.namespace ?? '')
export const age: ViewColumn = column('age', 70, (object) => timeAt(object, 'metadata', 'creationTimestamp'), 'age')

/** The column of a view's own `health`. */
export const status: ViewColumn = column('status', 170, () => '', 'status')
