import { expect, test } from 'vitest'
import { fieldPath } from '../../../../../src-kube/machinery/field-path.ts'
import { validateStopSignal } from './stop-signal.ts'

const errorsOf = (signal: string, system?: string) =>
  validateStopSignal(signal, fieldPath('stopSignal'), system).map(({ message }) => message)

test.each([
  ['SIGUSR1', 'linux'],
  ['SIGRTMIN+15', 'linux'],
  ['SIGRTMAX-14', 'linux'],
  ['SIGTERM', 'windows'],
])('%s is a signal of %s', (signal, system) => {
  expect(errorsOf(signal, system)).toEqual([])
})

test('a pod that does not say its system names no signal', () => {
  expect(errorsOf('SIGTERM')).toEqual(['Forbidden: may not be set for containers with empty `spec.os.name`'])
})

test.each([
  ['SIGFOO', 'linux', /^Unsupported value: "SIGFOO": supported values: "SIGABRT", .*"SIGRTMAX-1", .*"SIGXFSZ"$/],
  ['SIGRTMIN+16', 'linux', /^Unsupported value/],
  ['SIGUSR1', 'windows', /^Unsupported value: "SIGUSR1": supported values: "SIGKILL", "SIGTERM"$/],
])('%s is no signal of %s', (signal, system, words) => {
  expect(errorsOf(signal, system)).toEqual([expect.stringMatching(words)])
})
