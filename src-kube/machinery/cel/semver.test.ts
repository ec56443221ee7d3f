import { expect, test } from 'vitest'
import { CelError, compile, DefaultingMap, type Value } from './index.ts'

const run = (source: string, bindings = new Map<string, Value>()): Value =>
  compile(source, [...bindings.keys()]).evaluate(bindings)

test.each<[string, Value]>([
  ['semver("1.2.3").major()', 1n],
  ['semver("1.2.3").minor()', 2n],
  ['semver("1.2.3").patch()', 3n],
  ['semver("1.2.3").isGreaterThan(semver("1.2.2"))', true],
  ['semver("1.10.0").isLessThan(semver("1.9.0"))', false],
  ['semver("1.2.3").compareTo(semver("2.0.0"))', -1n],
  ['semver("1.2.3") == semver("1.2.3+build")', true],
  ['semver("1.2.3") == semver("1.2.4")', false],
  ['semver("1.0.0-alpha.2").isLessThan(semver("1.0.0-alpha.10"))', true],
  ['semver("1.0.0-alpha").isLessThan(semver("1.0.0-alpha.1"))', true],
  ['semver("1.0.0-alpha.1").isGreaterThan(semver("1.0.0-alpha"))', true],
  ['semver("1.0.0-1").isLessThan(semver("1.0.0-a"))', true],
  ['semver("1.0.0-a").isGreaterThan(semver("1.0.0-1"))', true],
  ['semver("1.0.0-b").isGreaterThan(semver("1.0.0-a"))', true],
  ['semver("1.0.0-rc").isLessThan(semver("1.0.0"))', true],
  ['semver("v1.02", true) == semver("1.2.0")', true],
  ['isSemver("1.2")', false],
  ['isSemver("v1", true)', true],
  ['isSemver("x", true)', false],
  ['isSemver("1.2.3")', true],
  ['isSemver("18446744073709551615.0.0")', true],
  ['isSemver("18446744073709551616.0.0")', false],
  ['isSemver("1.2.100000000000000000000")', false],
])('%s is %s', (source, expected) => {
  expect(run(source)).toEqual(expected)
})

test('what is no version cannot be made one, and other types have no versions', () => {
  expect(() => run('semver("1.2")')).toThrow(CelError)
  expect(() => run('semver(1)')).toThrow(CelError)
  expect(() => run('semver("1.2.3").isLessThan("1")')).toThrow(CelError)
  expect(() => run('isSemver(1)')).toThrow(CelError)
})

test('a map may have something for keys that it lacks, and lacks them all the same', () => {
  const bindings = new Map<string, Value>([['m', new DefaultingMap([['a', { x: true }]], {})]])
  expect(run('m["a"].x && !has(m["b"].x) && !("b" in m)', bindings)).toBe(true)
})
