import { expect, test } from 'vitest'
import { hasFormat, numberFits } from './formats.ts'

test.each<[string, string[], string[]]>([
  ['date', ['2024-02-29'], ['2023-02-30', '2024-13-01', 'soon']],
  [
    'date-time',
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.5+01:00'],
    ['2024-01-01', '2024-01-01T25:00:00Z', '2023-02-30T00:00:00Z'],
  ],
  ['datetime', ['2024-02-29T10:00:00Z'], ['anything']],
  ['k8s-short-name', ['a', '1-a'], ['A', 'a-', 'a.b', '']],
  ['k8s-long-name', ['a.b', 'a'.repeat(64)], ['A', 'a_b', '']],
  ['isbn10', ['0-306-40615-2'], ['978-3-16-148410-0']],
  ['isbn13', ['978-3-16-148410-0'], ['0-306-40615-2']],
  ['constructor', ['any'], []],
  ['duration', ['0', '1h30m', '-1.5s', '3 days'], ['1', 'h', '1 x']],
  ['byte', ['', 'YQ==', 'YWI='], ['a', 'YQ=']],
  ['ipv4', ['10.0.0.1'], ['10.0.0', '256.0.0.1']],
  ['ipv6', ['::1', 'fe80::1'], ['1.2.3.4', '::g', 'fe80::1%eth0']],
  ['cidr', ['10.0.0.0/8', '::/0'], ['10.0.0.0', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', 'x/1']],
  ['hostname', ['a-b.example.com'], ['-a', 'a b', `${'a'.repeat(64)}.x`]],
  ['email', ['a@b.c'], ['a', '@', 'a b@c']],
  ['uri', ['https://a/b', '/path'], ['a b']],
  ['mac', ['00:11:22:aa:bb:cc', '0011.22aa.bbcc'], ['00:11']],
  ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123']],
  ['uuid3', ['123e4567-e89b-32d3-a456-426614174000'], ['123e4567-e89b-42d3-a456-426614174000']],
  ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
  ['uuid5', ['123e4567-e89b-52d3-a456-426614174000'], ['123e4567-e89b-12d3-a456-426614174000']],
  ['bsonobjectid', ['507f1f77bcf86cd799439011'], ['507f']],
  ['isbn', ['978-3-16-148410-0', '0-306-40615-2'], ['1']],
  ['creditcard', ['4111 1111 1111 1111'], ['4111']],
  ['ssn', ['123-45-6789'], ['12']],
  ['hexcolor', ['#fff', 'ffffff'], ['#ff']],
  ['rgbcolor', ['rgb(0, 128, 255)'], ['rgb(256,0,0)', 'rgb(1,2)']],
  ['password', ['any'], []],
])('%s', (format, right, wrong) => {
  expect(right.filter((text) => !hasFormat(text, format))).toEqual([])
  expect(wrong.filter((text) => hasFormat(text, format))).toEqual([])
})

test('numbers fit their formats', () => {
  expect([numberFits(2 ** 31 - 1, 'int32'), numberFits(2 ** 31, 'int32'), numberFits(1.5, 'int32')]).toEqual([
    true,
    false,
    false,
  ])
  expect([numberFits(2 ** 40, 'int64'), numberFits(0.5, 'int64'), numberFits(0.5, 'double')]).toEqual([
    true,
    false,
    true,
  ])
})
