import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { layers, longFiles } from './layers.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const sources = ['src-kube', 'src-wire', 'src-main', 'src-node', 'src-ingress', 'src-renderer'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
)
const production = sources.filter((file) => !file.endsWith('.test.ts') && !file.includes('/testing/'))

const within = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`)

function layerOf(file: string) {
  return layers.filter((l) => within(file, l.folder)).sort((a, b) => b.folder.length - a.folder.length)[0]
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const pattern = /^\s*(?:import|export)\s(?:[^'"]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '')
}

function violation(file: string, specifier: string): string | undefined {
  const layer = layerOf(file)
  if (!layer) return `${file} belongs to no layer`
  if (specifier.startsWith('#types/') || specifier.startsWith('#generated/')) return undefined
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file), specifier))
    if (target.startsWith('resources/') || within(target, layer.folder)) return undefined
    const allowed = layer.needs.some((need) => within(target, need) || need === target)
    return allowed
      ? undefined
      : `${file} imports ${target}; ${layer.folder} may import only ${layer.needs.join(', ') || 'itself'}`
  }
  if (layer.packages.includes('*') && !specifier.startsWith('node:')) return undefined
  if (specifier.startsWith('node:')) {
    return layer.packages.includes('node:*') || layer.packages.includes(specifier)
      ? undefined
      : `${file} imports ${specifier}; ${layer.folder} runs without Node`
  }
  const name = specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0]!
  return layer.packages.includes(name)
    ? undefined
    : `${file} imports package ${name}, which ${layer.folder} does not list`
}

describe('layers', () => {
  it('every import goes to a folder or package that its layer lists', () => {
    const found = production.flatMap((file) =>
      importsOf(file)
        .map((s) => violation(file, s))
        .filter((v) => v !== undefined),
    )
    expect(found).toEqual([])
  })

  it('no file is longer than 400 lines unless it is named with a reason', () => {
    const long = production.filter(
      (file) => !(file in longFiles) && readFileSync(join(root, file), 'utf8').split('\n').length > 401,
    )
    expect(long).toEqual([])
  })
})
