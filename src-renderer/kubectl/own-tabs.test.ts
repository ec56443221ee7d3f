import { expect, it } from 'vitest'
import { diversionOf } from './own-tabs.ts'

const of = (line: string) => diversionOf(line.split(' '))

it('opens a shell where kubectl wants a terminal', () => {
  expect(of('exec -it web-1 -- sh')).toEqual({ kind: 'shell', pod: 'web-1', program: ['sh'], attach: false })
  expect(of('exec -n shop --tty -i pod/web-1 -c app -- psql -U me')).toEqual({
    kind: 'shell',
    pod: 'web-1',
    container: 'app',
    namespace: 'shop',
    program: ['psql', '-U', 'me'],
    attach: false,
  })
  expect(of('exec -itnshop web -- sh -t')).toMatchObject({ pod: 'web', namespace: 'shop', program: ['sh', '-t'] })
  expect(of('--namespace=shop attach -it web')).toMatchObject({ pod: 'web', namespace: 'shop', attach: true })
  expect(of('exec -it deploy/web -- sh')).toEqual({ kind: 'told', why: 'exec' })
})

it('leaves to kubectl what needs none', () => {
  for (const line of [
    'exec web -- ls -it',
    'exec -i web -- cat',
    'attach web',
    'run web --image busybox -- sh -t',
    'get po -w',
    'edit --help',
    'exec -it web sh',
  ])
    expect(of(line)).toBeUndefined()
})

it('opens an editor', () => {
  expect(of('edit deploy/web')).toEqual({ kind: 'edit', objects: [{ type: 'deploy', name: 'web' }] })
  expect(of('edit svc a b -n shop')).toEqual({
    kind: 'edit',
    objects: [
      { type: 'svc', name: 'a' },
      { type: 'svc', name: 'b' },
    ],
    namespace: 'shop',
  })
  for (const line of ['edit', 'edit deploy', 'edit -f x.yaml', 'edit deploy web --subresource status'])
    expect(of(line)).toEqual({ kind: 'told', why: 'edit' })
})

it('says what to do where there is nothing for it', () => {
  for (const line of ['run web --rm -it --image busybox -- sh', 'debug -it web --image=busybox', 'debug node/n1 -ti'])
    expect(of(line)).toEqual({ kind: 'told', why: 'run' })
  for (const line of ['create --edit -f x', 'apply edit-last-applied deploy/web', 'create deploy web --edit'])
    expect(of(line)).toEqual({ kind: 'told', why: 'editor' })
})

it('chooses a namespace', () => {
  expect(of('config set-context --current --namespace=shop')).toEqual({ kind: 'namespace', name: 'shop' })
  expect(of('config set-context --current --namespace shop')).toEqual({ kind: 'namespace', name: 'shop' })
  expect(of('config view')).toBeUndefined()
})
