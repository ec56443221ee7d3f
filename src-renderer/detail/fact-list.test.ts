import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { partial } from '../../src-kube/machinery/testing/partial.ts'
import { clusterKey, type ClusterContext } from '../api/context.ts'
import { createTranslations } from '../i18n/index.ts'
import FactList from './FactList.vue'

it('tells how old an object is, and how long ago something was', () => {
  const at = Date.now() - 30.5 * 3_600_000
  const list = mount(FactList, {
    props: {
      facts: [
        { label: 'created', value: at, kind: 'age' },
        { label: 'lastRun', value: at, kind: 'age' },
      ],
    },
    global: {
      plugins: [createTranslations({ language: 'en' })],
      provide: { [clusterKey as symbol]: partial<ClusterContext>({ id: 'dev' }) },
    },
  })
  expect(list.findAll('dd').map((one) => one.text())).toEqual(['30h', '30h ago'])
})
