import type { FieldError } from './errors.ts'

/** Builds paths (`spec.containers[0].name`) and the field errors of Kubernetes' `field` package in its words. */
export class FieldPath {
  readonly #parent: FieldPath | undefined
  readonly #last: string | number

  /** The path is written out only when there is an error to report: nearly every value is right. */
  constructor(last: string | number, parent?: FieldPath) {
    this.#last = last
    this.#parent = parent
  }

  child(name: string, ...more: string[]): FieldPath {
    const child = new FieldPath(name, this)
    return more.length === 0 ? child : child.child(...(more as [string]))
  }

  index(i: number): FieldPath {
    return new FieldPath(i, this)
  }

  key(key: string): FieldPath {
    return new FieldPath(`[${key}]`, this)
  }

  toString(): string {
    const before = this.#parent?.toString() ?? ''
    if (typeof this.#last === 'number') return `${before}[${this.#last}]`
    return before === '' || this.#last === '' || this.#last.startsWith('[')
      ? before + this.#last
      : `${before}.${this.#last}`
  }

  get #text(): string {
    return this.toString()
  }

  required(detail = ''): FieldError {
    return {
      type: 'FieldValueRequired',
      field: this.#text,
      message: detail ? `Required value: ${detail}` : 'Required value',
    }
  }

  invalid(value: unknown, detail: string): FieldError {
    return { type: 'FieldValueInvalid', field: this.#text, message: `Invalid value: ${show(value)}: ${detail}` }
  }

  /** Of a whole whose value would tell nothing. */
  invalidWithoutValue(detail: string): FieldError {
    return { type: 'FieldValueInvalid', field: this.#text, message: `Invalid value: ${detail}` }
  }

  notSupported(value: unknown, supported: readonly string[]): FieldError {
    const words = supported.map((s) => JSON.stringify(s)).join(', ')
    return {
      type: 'FieldValueNotSupported',
      field: this.#text,
      message: `Unsupported value: ${show(value)}: supported values: ${words}`,
    }
  }

  duplicate(value: unknown): FieldError {
    return { type: 'FieldValueDuplicate', field: this.#text, message: `Duplicate value: ${show(value)}` }
  }

  /** Of a whole whose value would tell nothing. */
  duplicateWithoutValue(): FieldError {
    return { type: 'FieldValueDuplicate', field: this.#text, message: 'Duplicate value' }
  }

  forbidden(detail: string): FieldError {
    return { type: 'FieldValueForbidden', field: this.#text, message: `Forbidden: ${detail}` }
  }

  notFound(value: unknown): FieldError {
    return { type: 'FieldValueNotFound', field: this.#text, message: `Not found: ${show(value)}` }
  }

  tooMany(count: number, most: number): FieldError {
    return {
      type: 'FieldValueTooMany',
      field: this.#text,
      message: `Too many: ${count}: must have at most ${most} items`,
    }
  }

  tooLong(max: number): FieldError {
    return { type: 'FieldValueTooLong', field: this.#text, message: `Too long: may not be more than ${max} bytes` }
  }
}

/** A path of these fields, one below the other; the object itself without any. */
export function fieldPath(...names: string[]): FieldPath {
  return new FieldPath(names.join('.'))
}

/** As Go prints it; what is not there is the text `null` to it. */
function show(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value ?? 'null')
}

/** Go's `%q`, which differs from JSON in characters that nobody sees. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(/\\\\|\\u00([01][\da-f])|\u007f/g, (found, hex: string | undefined) => {
    if (found === '\\\\') return found
    if (hex === undefined) return '\\u007f'
    return hex === '07' ? '\\a' : hex === '0b' ? '\\v' : `\\x${hex}`
  })
