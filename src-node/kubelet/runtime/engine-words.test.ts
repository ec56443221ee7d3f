import { expect, it } from 'vitest'
import { engineWords } from './engine-words.ts'

it.each([
  [
    new Error('(HTTP code 404) no such image - manifest for a:1 not found - really '),
    'manifest for a:1 not found - really',
  ],
  [new Error('(HTTP code 400) unexpected - OCI failed: x'), 'OCI failed: x'],
  [new Error('socket hang up'), 'socket hang up'],
  ['odd', 'odd'],
])('%s is told as %j', (error, words) => expect(engineWords(error)).toBe(words))
