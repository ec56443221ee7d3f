import { expect, it } from 'vitest'
import { fieldPath } from './field-path.ts'

const path = fieldPath('spec').child('containers').index(0).child('env').key('A')

it('writes paths as Kubernetes does', () => {
  expect(String(path)).toBe('spec.containers[0].env[A]')
  expect(String(fieldPath().child('', 'a'))).toBe('a')
})

it('words each kind of error as Kubernetes does', () => {
  const field = String(path)
  expect(path.required('x')).toEqual({ type: 'FieldValueRequired', field, message: 'Required value: x' })
  expect(path.required().message).toBe('Required value')
  expect(path.invalid('a', 'b').message).toBe('Invalid value: "a": b')
  expect(path.invalid(undefined, 'b').message).toBe('Invalid value: "null": b')
  expect(path.notSupported('a', ['b', 'c']).message).toBe('Unsupported value: "a": supported values: "b", "c"')
  expect(path.duplicate('a').message).toBe('Duplicate value: "a"')
  expect(path.forbidden('x').message).toBe('Forbidden: x')
  expect(path.notFound('a').message).toBe('Not found: "a"')
  expect(path.tooLong(5).message).toBe('Too long: may not be more than 5 bytes')
})

it.each([
  ['a"b\\c', '"a\\"b\\\\c"'],
  ['\u0007\u000b\u0001\u001f\u007f\n\t', '"\\a\\v\\x01\\x1f\\u007f\\n\\t"'],
  ['\\u0007', '"\\\\u0007"'],
  ['grün', '"grün"'],
])('%j is shown as Go shows it', (text, shown) => {
  expect(fieldPath('a').invalid(text, 'b').message).toBe(`Invalid value: ${shown}: b`)
})
