import { expect, it } from 'vitest'
import { alteredChains } from './saved-rules.ts'

const written = new Map([
  ['KUBE-SERVICES', ['-d 10.96.0.1/32 -j KUBE-SVC-A', '-j KUBE-NODEPORTS']],
  ['KUBE-NODEPORTS', []],
])

it('knows chains that are as they were written, in the words of either program', () => {
  const saved = ':KUBE-SERVICES - [4:240]\n:KUBE-NODEPORTS - [0:0]\n:INPUT ACCEPT [0:0]\n'
  const listed = '-P INPUT ACCEPT\n-N KUBE-NODEPORTS\n-N KUBE-SERVICES\n'
  const rules = '-A KUBE-SERVICES -d 10.96.0.1/32 -j KUBE-SVC-A\n-A KUBE-SERVICES -j KUBE-NODEPORTS\n'
  for (const head of [saved, listed]) expect(alteredChains(written, head + rules)).toEqual([])
})

it('names chains that are gone, emptied, or have other rules beside ours', () => {
  expect(alteredChains(written, '')).toEqual(['KUBE-SERVICES', 'KUBE-NODEPORTS'])
  expect(alteredChains(written, ':KUBE-SERVICES - [0:0]\n:KUBE-NODEPORTS - [0:0]\n')).toEqual(['KUBE-SERVICES'])
  const foreign =
    ':KUBE-SERVICES - [0:0]\n:KUBE-NODEPORTS - [0:0]\n-A KUBE-SERVICES -j A\n-A KUBE-SERVICES -j B\n-A KUBE-NODEPORTS -j C\n'
  expect(alteredChains(written, foreign)).toEqual(['KUBE-NODEPORTS'])
})
