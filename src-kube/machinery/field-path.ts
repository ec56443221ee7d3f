import type { FieldError } from './errors.ts'

/** Builds paths (`spec.containers[0].name`) and the field errors of Kubernetes' `field` package in its words. */
export class FieldPath {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  child(...names: string[]): FieldPath {
    return new FieldPath([this.#text, ...names].filter((n) => n !== '').join('.'))
  }

  index(i: number): FieldPath {
    return new FieldPath(`${this.#text}[${i}]`)
  }

  key(key: string): FieldPath {
    return new FieldPath(`${this.#text}[${key}]`)
  }

  toString(): string {
    return this.#text
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

  forbidden(detail: string): FieldError {
    return { type: 'FieldValueForbidden', field: this.#text, message: `Forbidden: ${detail}` }
  }

  notFound(value: unknown): FieldError {
    return { type: 'FieldValueNotFound', field: this.#text, message: `Not found: ${show(value)}` }
  }

  tooLong(max: number): FieldError {
    return { type: 'FieldValueTooLong', field: this.#text, message: `Too long: may not be more than ${max} bytes` }
  }
}

export function fieldPath(...names: string[]): FieldPath {
  return new FieldPath(names.join('.'))
}

function show(value: unknown): string {
  return JSON.stringify(value ?? null)
}
