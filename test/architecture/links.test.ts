import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../..')
const documents = ['ARCHITECTURE.md', 'README.md', 'CHANGELOG.md']
const FENCED = /^```[\s\S]*?^```/gm

/** Targets of `[words](target)` and `![words](target)`, those of other sites left out. */
function linksOf(markdown: string): string[] {
  const found = [...markdown.replaceAll(FENCED, '').matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
  return found.filter((target) => !/^[a-z]+:/.test(target))
}

/** Fragments that the document's headings answer to, as GitHub makes them. */
function headingsOf(markdown: string): Set<string> {
  const headings = [...markdown.replaceAll(FENCED, '').matchAll(/^#+ (.+)$/gm)].map((match) => match[1]!)
  return new Set(
    headings.map((words) =>
      words
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

function isDead(document: string, target: string): boolean {
  const [path = '', fragment] = target.split('#')
  const file = path === '' ? join(root, document) : join(root, dirname(document), path)
  if (!existsSync(file)) return true
  return fragment !== undefined && file.endsWith('.md') && !headingsOf(readFileSync(file, 'utf8')).has(fragment)
}

describe('documents', () => {
  it.each(documents)('every link of %s leads to a file or heading that exists', (document) => {
    const links = linksOf(readFileSync(join(root, document), 'utf8'))
    expect(links.filter((target) => isDead(document, target))).toEqual([])
  })

  it('every folder of sources is explained in ARCHITECTURE.md', () => {
    const links = linksOf(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'))
    const folders = ['src-kube', 'src-wire', 'src-main', 'src-node', 'src-ingress', 'src-renderer']
    expect(folders.filter((folder) => !links.some((target) => target.startsWith(`${folder}/`)))).toEqual([])
  })
})
