/**
 * What a value is on the wire. `struct` and the element types are resolved on first use: types refer to each other. Those of the tables name what
 * they lack, too, so that all have one form to V8.
 */
export type FieldType =
  | {
      kind: 'string' | 'boolean' | 'int' | 'float' | 'quantity' | 'time' | 'intOrString' | 'bytes' | 'any' | 'object'
      go: string
      struct?: undefined
      element?: undefined
    }
  | { kind: 'struct'; go: string; struct: StructSchema; element?: undefined }
  | { kind: 'list' | 'map'; go: string; struct?: undefined; element: FieldType }

/** Whether a field must be there; `inline` is a struct whose fields JSON shows as the outer type's own. */
export type Presence = 'required' | 'optional' | 'inline'

/** One field of a type, as the tables of facts give it. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly presence: Presence
  /** Protobuf field number; undefined where the type has none. */
  readonly number: number | undefined
  readonly wire: string
  /** Declared default (`+default`), as JSON. */
  readonly default: unknown
  /** `merge`, `replace`, `retainKeys` of the strategic merge patch. */
  readonly patchStrategy: readonly string[]
  readonly patchMergeKey: string | undefined
  /** `atomic`, `set`, `map`, `granular`. */
  readonly listType: string | undefined
  readonly listKeys: readonly string[]
  /** True when the Go type is a pointer: an explicit null and absence are the same, zero is a value. */
  readonly pointer: boolean
  /** True when the zero value is never written (`omitempty`): it cannot be told from absence. Structs are always values. */
  readonly omitempty: boolean
}

/** A type of the API as the tables of facts (`resources/facts/types.tsv`) describe it. */
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
