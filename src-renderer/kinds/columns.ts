import { timeAt, type CellKind, type ObjectLink, type ViewColumn } from './view.ts'

export const column = (id: string, width: number, value: ViewColumn['value'], kind?: CellKind): ViewColumn => ({
  id,
  width,
  value,
  ...(kind ? { kind } : {}),
})

/** A column that is there for who asks for it. */
export const optional = (one: ViewColumn): ViewColumn => ({ ...one, optional: true })

/** A column whose cells lead to the objects that they name. */
export const linked = (one: ViewColumn, link: NonNullable<ViewColumn['link']>): ViewColumn => ({ ...one, link })

/** A column that says no more than the name of an object of the cluster, which it leads to. */
export const named = (one: ViewColumn, view: string): ViewColumn =>
  linked(one, (object): ObjectLink | undefined => {
    const name = String(one.value(object))
    return name ? { view, name } : undefined
  })

export const name: ViewColumn = column('name', 340, (object) => object.metadata.name, 'name')
export const namespace: ViewColumn = named(
  column('namespace', 120, (object) => object.metadata.namespace ?? ''),
  'namespaces',
)
export const age: ViewColumn = column('age', 70, (object) => timeAt(object, 'metadata', 'creationTimestamp'), 'age')

/** The column of a view's own `health`. */
export const status: ViewColumn = column('status', 170, () => '', 'status')
