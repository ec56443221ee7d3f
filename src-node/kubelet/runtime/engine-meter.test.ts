import { expect, it } from 'vitest'
import { meterEngine } from './engine-meter.ts'

type Answered = (error: unknown, answer?: unknown) => void
interface Asked {
  path: string
  method: string
  options?: object
}

function arrange(answer: (answered: Answered) => void) {
  const noted: string[] = []
  const docker = { modem: { dial: (_asked: Asked, answered: Answered) => answer(answered) } }
  meterEngine(docker, (operation) => {
    noted.push(operation)
    return (failed) => noted.push(failed ? 'failed' : 'done')
  })
  return { noted, docker }
}

it.each([
  ['POST', '/containers/create?', { _query: { name: 'k8s_c_p_ns_u_0' } }, 'create_container'],
  ['POST', '/containers/create?', { _query: { name: 'k8s_POD_p_ns_u_0' } }, 'run_podsandbox'],
  ['POST', '/containers/abc/start?', undefined, 'start_container'],
  ['POST', '/containers/abc/kill?', undefined, 'stop_container'],
  ['POST', '/containers/abc/exec', undefined, 'exec'],
  ['GET', '/containers/json?', undefined, 'list_containers'],
  ['GET', '/containers/abc/json?', undefined, 'container_status'],
  ['DELETE', '/containers/abc?', undefined, 'remove_container'],
  ['GET', '/images/docker.io/library/busybox:1/json', undefined, 'image_status'],
  ['GET', '/images/json?', undefined, 'list_images'],
])('%s %s with %j is noted as %s', (method, path, options, operation) => {
  const answers: unknown[] = []
  const { noted, docker } = arrange((answered) => answered(null, 'answer'))
  docker.modem.dial({ method, path, ...(options ? { options } : {}) }, (error, answer) => answers.push([error, answer]))
  expect(noted).toEqual([operation, 'done'])
  expect(answers).toEqual([[null, 'answer']])
})

it('what failed is noted as such, what goes on for long is not noted, and a client of another kind is left alone', () => {
  const { noted, docker } = arrange((answered) => answered(new Error('no')))
  docker.modem.dial({ method: 'GET', path: '/containers/json?' }, () => undefined)
  for (const path of ['/events?', '/containers/abc/logs?']) docker.modem.dial({ method: 'GET', path }, () => undefined)
  expect(noted).toEqual(['list_containers', 'failed'])
  expect(() => meterEngine({}, () => () => undefined)).not.toThrow()
})
