import { globSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { pureParts } from './coverage.ts'

const root = join(import.meta.dirname, '../..')

it.each(pureParts)('%s holds code whose coverage counts', (pattern) => {
  const files = globSync(pattern.endsWith('/**') ? `${pattern}/*.ts` : pattern, { cwd: root })
  expect(files.filter((file) => !file.endsWith('.test.ts'))).not.toEqual([])
})

it.each(pureParts.filter((pattern) => pattern.includes('{')))('%s names only files that exist', (pattern) => {
  const [, names = ''] = /\{(.*)\}/.exec(pattern) ?? []
  expect(globSync(pattern, { cwd: root })).toHaveLength(names.split(',').length)
})
