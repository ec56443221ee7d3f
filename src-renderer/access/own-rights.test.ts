import { expect, it } from 'vitest'
import { ownRights } from './own-rights.ts'

it('tells of each resource once, those with the same rights together, the most rights first', () => {
  const rules = [
    { verbs: ['list', 'get'], apiGroups: [''], resources: ['pods', 'pods/log'] },
    { verbs: ['watch'], apiGroups: [''], resources: ['pods'] },
    { verbs: ['get', 'watch', 'list'], apiGroups: ['apps'], resources: ['deployments'] },
    { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['login'] },
    { verbs: ['*', 'get'], apiGroups: ['batch'], resources: ['*'] },
  ]
  expect(ownRights(rules).map(({ verbs, things }) => `${verbs.join(' ')}: ${things.join(', ')}`)).toEqual([
    '*: *.batch',
    'get list watch: deployments.apps, pods',
    'get list: pods/log',
    'get: secrets login',
  ])
})
