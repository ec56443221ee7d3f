/** What a value is on the wire. `struct` and the element types are resolved on first use: types refer to each other. */
export type FieldType =
  | {
      kind: 'string' | 'boolean' | 'int' | 'float' | 'quantity' | 'time' | 'intOrString' | 'bytes' | 'any' | 'object'
      go: string
    }
  | { kind: 'struct'; go: string; struct: StructSchema }
  | { kind: 'list' | 'map'; go: string; element: FieldType }

export type Presence = 'required' | 'optional' | 'inline'

/** One field of a type, as the tables of facts give it. */
export interface Field {
  name: string
  readonly type: FieldType
  presence: Presence
  /** Protobuf field number; undefined where the type has none. */
  number: number | undefined
  wire: string
  /** Declared default (`+default`), as JSON. */
  default: unknown
  /** `merge`, `replace`, `retainKeys` of the strategic merge patch. */
  patchStrategy: readonly string[]
  patchMergeKey: string | undefined
  /** `atomic`, `set`, `map`, `granular`. */
  listType: string | undefined
  listKeys: readonly string[]
  /** True when the Go type is a pointer: an explicit null and absence are the same, zero is a value. */
  pointer: boolean
  /** True when the zero value is never written (`omitempty`): it cannot be told from absence. Structs are always values. */
  omitempty: boolean
}

export interface StructSchema {
  /** `v1`, `apps/v1`, `meta/v1`. */
  groupVersion: string
  /** Go name of the type: `PodSpec`. */
  type: string
  /** Fields of embedded types included. */
  readonly fields: ReadonlyMap<string, Field>
  /** Types whose fields JSON shows as the type's own; in protobuf each is a message of its own with this number. */
  readonly embedded: ReadonlyArray<{ number: number; struct: StructSchema }>
  /** Fields that are not declared may be there (custom resources that preserve them). */
  readonly open?: boolean
}
