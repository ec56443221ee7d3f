import { expect, it } from 'vitest'
import { pageTitle } from './page-title.ts'

const words: Record<string, string> = { 'settings.title': 'Settings', 'helm.title': 'Helm releases' }
const title = (name: string, params = {}, query = {}): string =>
  pageTitle({ name, params, query }, (key) => words[key] ?? key)

it('a page is called by what is open, its list and its cluster', () => {
  expect(title('kind', { cluster: 'dev', view: 'pods' })).toBe('Pods · dev · Drydock')
  expect(title('kind', { cluster: 'dev', view: 'pods' }, { sel: 'shop/cart-1' })).toBe(
    'shop/cart-1 · Pods · dev · Drydock',
  )
  expect(title('kind', { cluster: 'dev', view: 'crontabs.example.com' })).toBe('crontabs · dev · Drydock')
  expect(title('helm-install', { cluster: 'dev' })).toBe('Helm releases · dev · Drydock')
  expect(title('settings')).toBe('Settings · Drydock')
  expect(title('start')).toBe('Drydock')
})
