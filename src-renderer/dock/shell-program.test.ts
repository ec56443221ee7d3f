import { expect, it } from 'vitest'
import { commandOf } from './shell-program.ts'

it('runs the best shell there is unless a person said something else', () => {
  expect(commandOf('  ')[0]).toBe('/bin/sh')
  expect(commandOf('bash')).toEqual(['bash'])
})

it('splits a command as a shell does', () => {
  expect(commandOf(`psql -U "my app"  -c 'select "a"' a\\ b ""`)).toEqual([
    'psql',
    '-U',
    'my app',
    '-c',
    'select "a"',
    'a b',
    '',
  ])
  expect(commandOf('echo "a \\"b\\" \\n"')).toEqual(['echo', 'a "b" \\n'])
})

it('takes a quote that is not closed to the end', () => {
  expect(commandOf('echo "a b')).toEqual(['echo', 'a b'])
})
